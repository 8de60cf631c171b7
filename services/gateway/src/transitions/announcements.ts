// Announces changes of orders after their commit: to the gateways whose clients wait for them, and to the workers that
// put returned tickets on sale. A NOTIFY serialises commits, so one connection sends one every 20 ms at most. An
// announcement can be lost; waiters and workers also check by themselves.
import type { Db } from "@onsale/database/client";
import { announceChanges } from "@onsale/database/statements/transitions/announce-changes";
import type { TransitionToWrite } from "@onsale/database/statements/transitions/write-transitions";
import { bucketOf } from "@onsale/domain/bucket";
import { crashAt } from "@onsale/lifecycle/failpoints";
import { type Loop, startLoop } from "@onsale/lifecycle/loop";

export type Announcements = Pick<Loop, "close"> &
  Readonly<{ announce: (transitions: readonly TransitionToWrite[]) => void }>;

const pauseMs = 20;
const idleMs = 60_000;

export function createAnnouncements(db: Db, onError: (error: Error) => void): Announcements {
  let orderIds = new Set<string>();
  let buckets = new Set<number>();

  async function run(): Promise<void> {
    if (orderIds.size === 0) return;
    const announced = { orderIds: [...orderIds], buckets: [...buckets] };
    orderIds = new Set();
    buckets = new Set();
    await announceChanges(db, announced.orderIds, announced.buckets);
    crashAt("transition.announced");
  }

  // After a round that sent something, the next one may not begin before the pause is over.
  let quietUntilMs = 0;
  const loop = startLoop({
    run: async () => {
      const waitMs = quietUntilMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      await run();
      quietUntilMs = performance.now() + pauseMs;
    },
    pauseMs: idleMs,
    onError,
  });
  return {
    announce: (transitions) => {
      for (const { orderId, eventId, returned } of transitions) {
        orderIds.add(orderId);
        if (returned.length > 0) buckets.add(bucketOf(eventId));
      }
      loop.wake();
    },
    close: async () => {
      await loop.close();
      await run().catch(onError);
    },
  };
}
