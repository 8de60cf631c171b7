// Enqueues a partition's allocation job, but only while no worker serves it: a job costs more than deciding many
// orders. A worker goes on with a partition while orders keep coming, and stays for an idle grace after the last one;
// its decisions show that it is there. A partition is in one of three states:
//
// - `idle`: no order of this gateway is undecided. The next order enqueues the partition; when a worker was seen within
//   the last 25 ms, it is announced to that worker instead (arrivals.ts).
// - `watched`: checked every 20 ms to 1 s until its last order is decided, and enqueued again when decisions stop: the
//   worker may have been about to leave when the last order came.
// - `abandoned`: left to the reconciler after about 2 s without a decision, or when the queue cannot be reached.
import { bucketOf, partitionOf } from "@onsale/domain/bucket";
import { crashAt } from "@onsale/lifecycle/failpoints";
import { createWakeSignal } from "@onsale/lifecycle/wake-signal";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { AllocateJob } from "@onsale/queue/lanes";
import type { Producer } from "@onsale/queue/producer";
import type { Decisions } from "../results/decisions.ts";
import type { Arrivals } from "./arrivals.ts";

/** Never throws: the reconciler finds an order that no job follows. */
export type Enqueuer = Readonly<{
  /** An order of the event was committed, and all before it that this gateway recorded. */
  wake: (eventId: number, seq: number) => void;
  /** Ends the checks, and waits for jobs that are being enqueued. */
  close: () => Promise<void>;
}>;

/** Between two checks. The pause doubles while no worker is seen. */
const checkPauseMinMs = 20;
const checkPauseMaxMs = 1_000;
/** Shorter than a worker's idle grace (allocator.ts), by more than an announcement usually takes. */
const servedTrustMs = 25;

type OrderRef = Readonly<{ eventId: number; seq: number }>;

type PartitionState = Readonly<
  | { name: "idle" }
  /** `last` is the last order that this gateway recorded there. */
  | { name: "watched"; last: OrderRef }
  | { name: "abandoned"; last: OrderRef }
>;

const transitions: Readonly<Record<PartitionState["name"], readonly PartitionState["name"][]>> = {
  idle: ["watched"],
  watched: ["watched", "idle", "abandoned"],
  abandoned: ["watched", "idle"],
};

type Partition = {
  readonly number: number;
  state: PartitionState;
  /** When a worker was last seen at work. */
  servedAtMs: number;
  /** The checks that are going on. They end in the turn after the partition is no longer watched. */
  checks: Readonly<{ ended: Promise<void>; endPause: () => void }> | undefined;
};

export type EnqueuerOptions = Readonly<{
  producer: Producer<AllocateJob>;
  partitionCount: number;
  decisions: Pick<Decisions, "subscribe" | "through">;
  arrivals: Pick<Arrivals, "announce">;
  metrics: Metrics;
  logger: Logger;
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
}>;

export function createEnqueuer(options: EnqueuerOptions): Enqueuer {
  const { producer, partitionCount, decisions, arrivals, metrics, logger, now = () => performance.now() } = options;
  const failures = metrics.counter("enqueue_failures_total");
  let isClosing = false;
  const partitions = Array.from({ length: partitionCount }, (_, number) => createPartition(number));

  const isServed = (partition: Partition) => now() - partition.servedAtMs < servedTrustMs;

  /** @returns whether the queue could be reached */
  async function enqueue({ number }: Partition): Promise<boolean> {
    try {
      crashAt("purchase.before-enqueue");
      await producer.enqueue({ partition: number });
      crashAt("purchase.enqueued");
      return true;
    } catch (error) {
      failures.inc();
      logger.debug({ err: error, partition: number }, "could not enqueue a partition; the reconciler will");
      return false;
    }
  }

  async function check(partition: Partition, sleep: (ms: number) => Promise<void>): Promise<void> {
    for (let pauseMs = checkPauseMinMs; partition.state.name === "watched" && !isClosing; ) {
      const { state } = partition;
      const hasWorker = isServed(partition);
      pauseMs = hasWorker ? checkPauseMinMs : pauseMs * 2;
      // The job begins after this line, so it sees every order that was committed before.
      const isReachable = hasWorker || (await enqueue(partition));
      const isHopeless = !isReachable || pauseMs > checkPauseMaxMs;
      // Not when another order came meanwhile.
      if (isHopeless && partition.state === state) become(partition, { name: "abandoned", last: state.last });
      else await sleep(Math.min(pauseMs, checkPauseMaxMs));
    }
    partition.checks = undefined;
  }

  function startChecks(partition: Partition): void {
    const { sleep, wake } = createWakeSignal();
    // Set before the checks run: they may end at once.
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    partition.checks = { ended, endPause: wake };
    void check(partition, sleep).then(resolve);
  }

  decisions.subscribe(({ eventId, seq }) => {
    const partition = partitionAt(partitions, eventId);
    partition.servedAtMs = now();
    const { state } = partition;
    if (state.name === "idle" || state.last.eventId !== eventId || seq < state.last.seq) return;
    become(partition, { name: "idle" });
    // The next order must not wait for the next check.
    partition.checks?.endPause();
  });

  return {
    wake: (eventId, seq) => {
      if (seq <= decisions.through(eventId)) return;
      const partition = partitionAt(partitions, eventId);
      const wasWatched = partition.state.name === "watched";
      become(partition, { name: "watched", last: { eventId, seq } });
      if (!wasWatched && isServed(partition)) arrivals.announce(bucketOf(eventId));
      if (partition.checks === undefined) startChecks(partition);
    },
    close: async () => {
      isClosing = true;
      for (const { checks } of partitions) checks?.endPause();
      await Promise.all(partitions.map(({ checks }) => checks?.ended));
    },
  };
}

function createPartition(number: number): Partition {
  return { number, state: { name: "idle" }, servedAtMs: Number.NEGATIVE_INFINITY, checks: undefined };
}

function partitionAt(partitions: readonly Partition[], eventId: number): Partition {
  const number = partitionOf(eventId, partitions.length);
  const partition = partitions[number];
  if (partition === undefined) throw new RangeError(`there is no partition ${number}`);
  return partition;
}

function become(partition: Partition, next: PartitionState): void {
  const from = partition.state.name;
  if (!transitions[from].includes(next.name)) throw new Error(`a partition cannot go from ${from} to ${next.name}`);
  partition.state = next;
}
