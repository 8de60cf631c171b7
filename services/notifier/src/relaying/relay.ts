// Turns outbox rows into deliveries as soon as they are announced, and enqueues the endpoints that are due.
// Announcements and jobs can be lost, so it also queries for both twice a second: PostgreSQL is the truth, and the
// queue only distributes the work over the processes.
import { webhookBody } from "@onsale/contracts/webhook-body";
import type { Db } from "@onsale/database/client";
import { findDueEndpoints } from "@onsale/database/statements/deliveries/find-due-endpoints";
import { type Fact, relayOutbox } from "@onsale/database/statements/deliveries/relay-outbox";
import { crashAt } from "@onsale/lifecycle/failpoints";
import { startLoop } from "@onsale/lifecycle/loop";
import type { DeliverJob } from "@onsale/queue/lanes";
import type { Producer } from "@onsale/queue/producer";

export type Relay = Readonly<{
  /** Takes an announcement: an endpoint's id, or nothing when the outbox has rows. */
  onAnnounced: (payload: string) => void;
  close: () => Promise<void>;
}>;

const pauseMs = 500;
const factCountMax = 500;

/**
 * Starts the relay; its first round begins at once.
 *
 * @param firstDelaySeconds before the first attempt of a delivery
 * @param onError told what failed; the next round tries again
 */
export function startRelay(
  db: Db,
  producer: Producer<DeliverJob>,
  firstDelaySeconds: number,
  onError: (error: Error) => void,
): Relay {
  let dueEnqueuedAtMs = Number.NEGATIVE_INFINITY;

  async function enqueueAll(endpointIds: readonly string[]): Promise<void> {
    for (const endpointId of endpointIds) await producer.enqueue({ endpointId });
  }

  async function relayAll(closing: AbortSignal): Promise<void> {
    for (let factCount = factCountMax; factCount === factCountMax && !closing.aborted; ) {
      const relayed = await relayOutbox(db, factCountMax, firstDelaySeconds, bodyOf);
      factCount = relayed.factCount;
      if (relayed.endpointIds.length === 0) continue;
      crashAt("relay.committed");
      await enqueueAll(relayed.endpointIds);
      crashAt("relay.enqueued");
    }
  }

  async function run(closing: AbortSignal): Promise<void> {
    await relayAll(closing);
    if (performance.now() - dueEnqueuedAtMs < pauseMs) return;
    dueEnqueuedAtMs = performance.now();
    await enqueueAll(await findDueEndpoints(db));
  }

  const loop = startLoop({ run, pauseMs, onError });
  return {
    onAnnounced: (payload) => {
      if (payload === "") loop.wake();
      else void producer.enqueue({ endpointId: payload }).catch(onError);
    },
    close: loop.close,
  };
}

function bodyOf({ type, happenedAt, order, detail }: Fact): string {
  return webhookBody(type, happenedAt, order, detail);
}
