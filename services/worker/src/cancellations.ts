// Cancels the orders of cancelled events. It needs no job and no lease: PostgreSQL says which event is due, and how
// long the pause after a batch is (write-progress.ts), so several workers share the work without doing more of it at a
// time. When a worker is killed, another one continues within a second.
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { announceChanges } from "@onsale/database/statements/transitions/announce-changes";
import { cancelOrders } from "@onsale/database/transitions/cancel-orders";
import { bucketOf } from "@onsale/domain/bucket";
import { crashAt } from "@onsale/lifecycle/failpoints";
import { type Loop, startLoop } from "@onsale/lifecycle/loop";
import type { Metrics } from "@onsale/observability/metrics";

/** Between two checks when no event is due. */
const idleMs = 1_000;
/** After a batch: about its pause, which another check costs little to miss. */
const busyMs = 20;

/** @param onError told what failed; the next round tries again */
export function startCancellations(db: Db, metrics: Metrics, onError: (error: Error) => void): Pick<Loop, "close"> {
  const closed = metrics.counter("orders_closed_total");
  let lastBatchMs = Number.NEGATIVE_INFINITY;

  async function run(): Promise<void> {
    const cancelled = await cancelOrders(db).catch((error: unknown) => {
      // Another transaction was in the way; the next round tries again soon.
      if (classify(error) !== "contention") throw error;
      return { eventId: 0, orderIds: [] };
    });
    if (cancelled === null) return;
    crashAt("cancellation.committed");
    lastBatchMs = performance.now();
    const { eventId, orderIds } = cancelled;
    if (orderIds.length === 0) return;
    closed.inc({ outcome: "cancelled" }, orderIds.length);
    await announceChanges(db, orderIds, [bucketOf(eventId)]);
  }

  // Right after a batch the event is in its pause, which ends soon.
  const isBusy = () => performance.now() - lastBatchMs < idleMs;
  return startLoop({ run, pauseMs: () => (isBusy() ? busyMs : idleMs), onError });
}
