// Tells the workers where there are new orders: it puts a partition into its queue. A job costs more than many orders, so
// that is done only where nobody is at work. A worker goes on with a partition while orders keep coming, and lingers
// after the last one; its announcements show that it is there.
//
// A partition is quiet: then its next order is enqueued at once or, where a worker was seen just now and lingers, its
// arrival is announced. From then on the partition is watched, and looked at again and again until its last order is
// known to be decided. While announcements of decisions come, nothing is done. When they stop before, it is enqueued
// again: perhaps the worker was about to leave when the last order came. After some seconds without any the reconciler
// has it.
//
// An announcement can overtake the answer of the insert that it belongs to; therefore the last one of each event is
// remembered.
import { bucketOf, partitionOf } from "@onsale/domain/bucket";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateJob } from "@onsale/queue/job";
import type { Producer } from "@onsale/queue/producer";
import { LRUCache } from "lru-cache";
import type { Arrivals } from "./arrivals.ts";

/** Never throws: an order that no job follows is reconciled later. */
export type Enqueuer = Readonly<{
  /** An order of the event was committed, and all before it that this gateway recorded. */
  wake: (eventId: number, seq: number) => void;
  /** All orders of the event up to `seq` are decided. */
  onDecided: (decided: Readonly<{ eventId: number; seq: number }>) => void;
  /** Waits for what is on its way. */
  close: () => Promise<void>;
}>;

/** Between two looks; the pauses grow while nobody is seen at work. */
const lookPauseMinMs = 20;
const lookPauseMaxMs = 1_000;
/** Less than a worker lingers (allocator.ts), by more than an announcement usually takes. */
const trustedMs = 25;
const rememberedEventCountMax = 10_000;

type Partition = {
  /** The last order that this gateway recorded, while it is not known to be decided. */
  undecided: Readonly<{ eventId: number; seq: number }> | undefined;
  /** When a worker was last seen at work. */
  servedAtMs: number;
  watching: Promise<void> | undefined;
  /** Lets the next look begin now. */
  endPause: () => void;
};

export type EnqueuerOptions = Readonly<{
  producer: Producer<AllocateJob>;
  partitionCount: number;
  arrivals: Pick<Arrivals, "announce">;
  metrics: Metrics;
  logger: Logger;
  /** Milliseconds on a clock that only rises. */
  now?: () => number;
}>;

export function createEnqueuer(options: EnqueuerOptions): Enqueuer {
  const { producer, partitionCount, arrivals, metrics, logger, now = () => performance.now() } = options;
  const failures = metrics.counter("enqueue_failures_total");
  const decidedThrough = new LRUCache<number, number>({ max: rememberedEventCountMax });
  let isClosing = false;
  const partitions = Array.from({ length: partitionCount }, (): Partition => {
    return {
      undecided: undefined,
      servedAtMs: Number.NEGATIVE_INFINITY,
      watching: undefined,
      endPause: () => undefined,
    };
  });

  const isServed = (state: Partition) => now() - state.servedAtMs < trustedMs;

  async function watch(partition: number, state: Partition): Promise<void> {
    for (let pauseMs = lookPauseMinMs; state.undecided !== undefined && !isClosing; ) {
      const { undecided } = state;
      const isAtWork = isServed(state);
      pauseMs = isAtWork ? lookPauseMinMs : pauseMs * 2;
      let isLeft = pauseMs > lookPauseMaxMs;
      try {
        // The job begins after this, and so sees every order that was committed before.
        if (!isAtWork) await producer.enqueue({ partition });
      } catch (error) {
        failures.inc();
        logger.debug({ err: error, partition }, "could not enqueue a partition; the reconciler will");
        isLeft = true;
      }
      // Unless another order came meanwhile.
      if (isLeft && state.undecided === undecided) state.undecided = undefined;
      else await pause(state, Math.min(pauseMs, lookPauseMaxMs));
    }
    state.watching = undefined;
  }

  function find(eventId: number): Readonly<{ partition: number; state: Partition }> {
    const partition = partitionOf(eventId, partitionCount);
    const state = partitions[partition];
    if (state === undefined) throw new RangeError(`there is no partition ${partition}`);
    return { partition, state };
  }

  return {
    wake: (eventId, seq) => {
      if (seq <= (decidedThrough.get(eventId) ?? 0)) return;
      const { partition, state } = find(eventId);
      const wasQuiet = state.undecided === undefined;
      state.undecided = { eventId, seq };
      if (wasQuiet && isServed(state)) arrivals.announce(bucketOf(eventId));
      state.watching ??= watch(partition, state);
    },
    onDecided: ({ eventId, seq }) => {
      decidedThrough.set(eventId, Math.max(seq, decidedThrough.get(eventId) ?? 0));
      const { state } = find(eventId);
      state.servedAtMs = now();
      const { undecided } = state;
      if (undecided?.eventId !== eventId || seq < undecided.seq) return;
      state.undecided = undefined;
      state.endPause();
    },
    close: async () => {
      isClosing = true;
      for (const { endPause } of partitions) endPause();
      await Promise.all(partitions.map(({ watching }) => watching));
    },
  };
}

/** Ends early when the last order was decided: the next one must not wait for the next look. */
function pause(state: Partition, pauseMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pauseMs);
    state.endPause = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
