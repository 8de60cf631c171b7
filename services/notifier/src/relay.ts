// Sees to it that what is to be told is told: turns outbox rows into deliveries as soon as they are announced, and
// enqueues endpoints that are due. Announcements and jobs may be lost, so it looks for both twice a second as well:
// PostgreSQL is the truth, the queue only says who works on what.
import { setTimeout as delay } from "node:timers/promises";
import type { WebhookPayload, WebhookType } from "@onsale/contracts/webhook";
import type { Db } from "@onsale/database/client";
import { findDueEndpoints } from "@onsale/database/statements/find-due-endpoints";
import type { OrderRow } from "@onsale/database/statements/order-row";
import { relayOutbox } from "@onsale/database/statements/relay-outbox";
import { presentOrder } from "@onsale/domain/present-order";
import type { DeliverJob } from "@onsale/queue/job";
import type { Producer } from "@onsale/queue/producer";

export type Relay = Readonly<{
  /** Takes an announcement: an endpoint's id, or nothing when the outbox has rows. */
  onAnnounced: (payload: string) => void;
  close: () => Promise<void>;
}>;

const lookIntervalMs = 500;
const factCountMax = 500;

/**
 * @param firstDelaySeconds before the first attempt of a delivery
 * @param onError told about what failed; the next look comes anyway
 */
export function startRelay(
  db: Db,
  producer: Producer<DeliverJob>,
  firstDelaySeconds: number,
  onError: (error: Error) => void,
): Relay {
  const closing = new AbortController();
  let wake = Promise.withResolvers<void>();
  let lastLookMs = Number.NEGATIVE_INFINITY;

  async function enqueueAll(endpointIds: readonly string[]): Promise<void> {
    for (const endpointId of endpointIds) await producer.enqueue({ endpointId });
  }

  async function relayAll(): Promise<void> {
    for (let factCount = factCountMax; factCount === factCountMax && !closing.signal.aborted; ) {
      const relayed = await relayOutbox(db, factCountMax, firstDelaySeconds, bodyOf);
      factCount = relayed.factCount;
      await enqueueAll(relayed.endpointIds);
    }
  }

  async function look(): Promise<void> {
    await relayAll();
    if (performance.now() - lastLookMs < lookIntervalMs) return;
    lastLookMs = performance.now();
    await enqueueAll(await findDueEndpoints(db));
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      wake = Promise.withResolvers<void>();
      await look().catch(onError);
      const pause = new AbortController();
      const { signal } = pause;
      await Promise.race([wake.promise, delay(lookIntervalMs, undefined, { signal }).catch(() => undefined)]);
      pause.abort();
    }
  }

  const running = run();
  return {
    onAnnounced: (payload) => {
      if (payload === "") wake.resolve();
      else void producer.enqueue({ endpointId: payload }).catch(onError);
    },
    close: async () => {
      closing.abort();
      wake.resolve();
      await running;
    },
  };
}

/** What is sent about an order; the same text in every attempt. */
function bodyOf(type: WebhookType, order: OrderRow): string {
  const timestamp = (order.decidedAt ?? order.createdAt).toISOString();
  const payload: WebhookPayload = { type, timestamp, data: { order: presentOrder(order) } };
  return JSON.stringify(payload);
}
