// Puts tickets on sale again as soon as their hold expires or a cancelled order gives them back. It needs no job and no
// lease: PostgreSQL says what is due, and a worker sleeps until then. Gateways announce returns; an announcement can be
// lost, so the worker also checks once a second. Every worker does this, and workers that wake at the same moment share
// the buckets (apply-returns.ts), so the end of one worker delays nothing by more than a second. What came back is
// offered to orders that wait before an order that came later is decided: here, or by the next batch, whichever is
// first.
import { setTimeout as delay } from "node:timers/promises";
import { returnedChannel } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { findDue } from "@onsale/database/statements/allocation/find-due";
import { findOffersDue } from "@onsale/database/statements/waiting-list/read-waiting";
import { type Loop, startLoop } from "@onsale/lifecycle/loop";
import type { Metrics } from "@onsale/observability/metrics";
import { applyDue } from "./apply-due.ts";
import { makeOffers, type Passes } from "./offers.ts";
import { createReturnMetrics } from "./return-metrics.ts";
import type { Turns } from "./turns.ts";

/** Between two checks when nothing is due before. */
const pauseMaxMs = 1_000;
/** Between two rounds: each one may make a batch of another worker run again. */
const pauseMinMs = 50;

export type Returns = Pick<Loop, "close"> & Readonly<{ handlers: Readonly<Record<string, () => void>> }>;

/**
 * @param inTurn takes turns with the batches of this process
 * @param onError told what failed; the next round tries again
 * @param onReturnsFailed told which event failed, while the others went on
 */
export function startReturns(
  db: Db,
  inTurn: Turns,
  metrics: Metrics,
  onError: (error: Error) => void,
  onReturnsFailed?: (eventId: number, error: unknown) => void,
): Returns {
  const hooks = { onReturned: createReturnMetrics(metrics), ...(onReturnsFailed && { onReturnsFailed }) };
  const passes: Passes = new Map();
  const offered = metrics.counter("offers_made_total");
  let nextInMs = pauseMaxMs;
  let endedAtMs = Number.NEGATIVE_INFINITY;

  async function makeDueOffers(): Promise<void> {
    const eventIds = await findOffersDue(db);
    for (const eventId of passes.keys()) if (!eventIds.includes(eventId)) passes.delete(eventId);
    for (const eventId of eventIds) {
      try {
        offered.inc((await inTurn(() => makeOffers(db, eventId, passes))) ?? 0);
      } catch (error) {
        if (classify(error) !== "data") throw error;
        onReturnsFailed?.(eventId, error);
      }
    }
    if (passes.size > 0) nextInMs = pauseMinMs;
  }

  /** Announcements can come many times a second; the pause between two rounds is kept all the same. */
  async function runAfterPause(): Promise<void> {
    await delay(Math.max(0, pauseMinMs - (performance.now() - endedAtMs)));
    await run().finally(() => {
      endedAtMs = performance.now();
    });
  }

  async function run(): Promise<void> {
    nextInMs = pauseMaxMs;
    const buckets = await findDue(db);
    const due = buckets.flatMap(({ bucket, dueInMs }) => (dueInMs <= 0 ? bucket : []));
    for (const { dueInMs } of buckets) if (dueInMs > 0) nextInMs = Math.min(nextInMs, Math.ceil(dueInMs));
    try {
      if (due.length > 0 && (await inTurn(() => applyDue(db, due, hooks)))) nextInMs = pauseMinMs;
      await makeDueOffers();
    } catch (error) {
      // A batch took its turn with the stock meanwhile.
      if (classify(error) !== "stock-changed" && classify(error) !== "contention") throw error;
      nextInMs = pauseMinMs;
    }
  }

  const loop = startLoop({ run: runAfterPause, pauseMs: () => Math.max(pauseMinMs, nextInMs), onError });
  return { handlers: { [returnedChannel]: loop.wake }, close: loop.close };
}
