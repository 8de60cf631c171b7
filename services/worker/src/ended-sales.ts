// Cancels the orders that wait for tickets when the sale ends. It needs no job and no lease: PostgreSQL says whose sale
// has ended, by its clock. When a worker is killed, another one continues within a second. After each batch there is a
// pause as long as it took, so that other orders and other events' returns have their turn.
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { announceChanges } from "@onsale/database/statements/transitions/announce-changes";
import { endWaiting } from "@onsale/database/transitions/end-waiting";
import { bucketOf } from "@onsale/domain/bucket";
import { crashAt } from "@onsale/lifecycle/failpoints";
import { type Loop, startLoop } from "@onsale/lifecycle/loop";
import type { Metrics } from "@onsale/observability/metrics";

/** Between two checks while no sale has ended with orders that wait. */
const idleMs = 1_000;
const busyMsMin = 20;

/** @param onError told what failed; the next round tries again */
export function startEndedSales(db: Db, metrics: Metrics, onError: (error: Error) => void): Pick<Loop, "close"> {
  const closed = metrics.counter("orders_closed_total");
  let isBusy = false;

  async function run(): Promise<void> {
    const ended = await endWaiting(db).catch((error: unknown) => {
      // Another transaction was in the way; the next round tries again.
      if (classify(error) !== "contention" && classify(error) !== "stock-changed") throw error;
      return null;
    });
    isBusy = ended !== null && ended.orderIds.length > 0;
    if (ended === null || ended.orderIds.length === 0) return;
    crashAt("ended-sale.committed");
    closed.inc({ outcome: "cancelled" }, ended.orderIds.length);
    await announceChanges(db, ended.orderIds, [bucketOf(ended.eventId)]);
  }

  return startLoop({ run, pauseMs: ({ tookMs }) => (isBusy ? Math.max(busyMsMin, tookMs) : idleMs), onError });
}
