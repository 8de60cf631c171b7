// Finds what was left behind: orders that are pending although no job will come for them, because Redis was wiped, an
// enqueue failed, or a job did. Once a second it asks PostgreSQL which events have had a pending order for longer than
// that, and enqueues them; where a job waits already, that is a no-op. Where there are very many events it takes them
// part by part, and more time, so that looking never costs more than a twentieth of a processor.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { findLeftBehind } from "@onsale/database/statements/find-left-behind";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateJob } from "@onsale/queue/job";
import type { Producer } from "@onsale/queue/producer";

const intervalMs = 1_000;
const leftBehindAfterMs = 1_000;
const eventCountMax = 5_000;
const shareMax = 0.05;
/** A database that is slow for other reasons must not keep what was left behind. */
const pauseMaxMs = 2_000;

export type Reconciler = Readonly<{ close: () => Promise<void> }>;

/** @param onError told about what failed; the next round comes anyway */
export function startReconciler(
  db: Db,
  producer: Producer<AllocateJob>,
  metrics: Metrics,
  onError: (error: Error) => void,
): Reconciler {
  const rescued = metrics.counter("reconciler_rescued_total");
  const failures = metrics.counter("enqueue_failures_total");
  const closing = new AbortController();

  /** One event that cannot be enqueued, because its queue is out of reach, must not keep the others. */
  async function rescue(eventId: number): Promise<void> {
    try {
      if (await producer.enqueue({ eventId })) rescued.inc();
    } catch (error) {
      failures.inc();
      onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** @returns where to go on, and how long to wait before */
  async function look(afterEventId: number): Promise<Readonly<{ lastEventId: number | null; pauseMs: number }>> {
    const startedAt = performance.now();
    const { eventIds, lastEventId } = await findLeftBehind(db, leftBehindAfterMs, afterEventId, eventCountMax);
    const fairPauseMs = (performance.now() - startedAt) / shareMax;
    for (const eventId of eventIds) await rescue(eventId);
    return { lastEventId, pauseMs: Math.max(lastEventId === null ? intervalMs : 0, fairPauseMs) };
  }

  async function run(): Promise<void> {
    for (let afterEventId = 0; !closing.signal.aborted; ) {
      let pauseMs = intervalMs;
      try {
        const looked = await look(afterEventId);
        afterEventId = looked.lastEventId ?? 0;
        pauseMs = Math.min(looked.pauseMs, pauseMaxMs);
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)));
      }
      await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
