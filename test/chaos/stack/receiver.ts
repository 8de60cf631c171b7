// A webhook receiver that fails at times, as those of customers do, and keeps what it was told in few bytes.
import { setTimeout as delay } from "node:timers/promises";
import { atEnd } from "../../support/cleanup.ts";
import { answer, startReceiver } from "../../support/webhooks/receiver.ts";
import type { ReceivedFact } from "../facts.ts";

export type FickleReceiver = Readonly<{
  url: string;
  facts: readonly ReceivedFact[];
  /** How often it gave no good answer on purpose. */
  failureCount: () => number;
  /** Takes no connections for this long. */
  goAway: (ms: number) => Promise<void>;
}>;

const drainMs = 500;
const silentShare = 0.003;
const failingShare = 0.05;

/** @param random decides which posts fail; it is ended as cleanup.ts says */
export async function startFickleReceiver(random: () => number): Promise<FickleReceiver> {
  const receiver = await startReceiver();
  const facts: ReceivedFact[] = [];
  let failureCount = 0;
  receiver.respondWith((response, received, number) => {
    const share = random();
    if (share < failingShare) failureCount++;
    // Without an answer the notifier does not know that the post arrived.
    if (share < silentShare) return;
    const status = share < failingShare ? 503 : 204;
    answer(status)(response, received, number);
  });
  const drain = () => {
    for (const { id, type, order } of receiver.received.splice(0)) {
      if (order === undefined) continue;
      facts.push({ webhookId: id, type, order: { id: order.id, status: order.status, version: order.version } });
    }
  };
  const timer = setInterval(drain, drainMs);
  atEnd(() => clearInterval(timer));
  return {
    url: receiver.url,
    get facts() {
      drain();
      return facts;
    },
    failureCount: () => failureCount,
    goAway: async (ms) => {
      await receiver.stop();
      await delay(ms);
      await receiver.start();
    },
  };
}
