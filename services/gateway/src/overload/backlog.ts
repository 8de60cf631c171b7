// How many orders are pending, of each event and of all events, and whether there may be more. A purchase only compares
// numbers that are in memory: a loop counts the pending orders of all events and computes the limits
// (queue-limit.ts), and what this gateway does in between is added, and what all workers do is subtracted.
//
// What other gateways accepted since the count is missing, so the limit may be exceeded by what they accept between two
// counts: half a second, and the time that a count takes. Orders that are accepted or decided while a count runs may be
// missing as well, but none is counted twice: every error lets too many in, and none refuses a purchase wrongly.
import type { Db } from "@onsale/database/client";
import { countBacklog } from "@onsale/database/statements/pending/count-backlog";
import { startLoop } from "@onsale/lifecycle/loop";
import type { Metrics } from "@onsale/observability/metrics";
import { ProblemError } from "../http/problem-error.ts";
import { createDecisionRate } from "../results/decision-rate.ts";
import type { Decisions } from "../results/decisions.ts";
import type { QueueEstimates } from "../results/queue-estimates.ts";
import { type Line, pendingOf, type Rates } from "./line.ts";
import { createLines } from "./lines.ts";
import { findFull, secondsUntilRoom } from "./queue-limit.ts";

export type Backlog = Readonly<{
  /** Whether no further purchase of the event is recorded at the moment. */
  isFull: (eventId: number) => boolean;
  /** Says that, and when to come back. */
  problemOf: (eventId: number) => ProblemError;
  /** A purchase was given to the intake; `noteAnswered` follows once it is recorded, replayed or refused. */
  noteSubmitted: (eventId: number) => void;
  noteAnswered: (eventId: number) => void;
  /** Orders were recorded by this gateway. */
  noteAccepted: (eventId: number, count: number) => void;
  /** Counts now; what changed between two counts is known anyway. */
  count: () => Promise<void>;
  close: () => Promise<void>;
}>;

const countEveryMs = 500;
/** A count of a long backlog takes a while; this long a pause follows, in times of that. */
const pauseFactor = 9;

type BacklogParts = Readonly<{
  db: Db;
  decisions: Pick<Decisions, "subscribe">;
  queueEstimates: Pick<QueueEstimates, "decidedPerSecond" | "sustainedPerSecond">;
  metrics: Metrics;
  onError: (error: Error) => void;
}>;

/** @param pendingSeconds for how long the last pending order may wait; 0 for no limit */
export function createBacklog(parts: BacklogParts, pendingSeconds: number): Backlog {
  const { db, decisions, queueEstimates, metrics, onError } = parts;
  const isOn = pendingSeconds > 0;
  const lines = createLines(pendingSeconds);
  const { all } = lines;
  const rate = createDecisionRate();
  /** How many events had pending orders at the last count. */
  let busyCount = 0;
  /** Whether a count could tell something new. */
  let isCountDue = isOn;

  async function count(): Promise<void> {
    const decidedBefore = lines.decidedCounts();
    isCountDue = false;
    const events = await countBacklog(db).catch((error) => {
      isCountDue = isOn;
      throw error;
    });
    const ofAll = { perSecond: rate.perSecond(), sustainedPerSecond: rate.sustainedPerSecond() };
    const rates = { all: ofAll, of: (eventId: number) => ratesOf(queueEstimates, eventId) };
    if (lines.takeCounts(events, decidedBefore, rates) > 0) isCountDue = isOn;
    busyCount = events.length;
  }

  function findFullLine(eventId: number): "event" | "all" | undefined {
    if (!isOn) return undefined;
    const line = lines.of(eventId);
    const event = { pending: pendingOf(line), limit: line.limit };
    return findFull(event, { pending: pendingOf(all), limit: all.limit }, busyCount);
  }

  metrics.gauge("orders_pending_limit", async (gauge) => gauge.set(isOn ? all.limit : Number.POSITIVE_INFINITY));
  decisions.subscribe((decided) => {
    lines.of(decided.eventId).decided += decided.count;
    all.decided += decided.count;
    rate.note(decided.count);
  });
  const counts = startLoop({
    run: async () => (isCountDue ? count() : undefined),
    pauseMs: ({ tookMs }) => Math.max(countEveryMs, tookMs * pauseFactor),
    onError,
  });

  return {
    isFull: (eventId) => findFullLine(eventId) !== undefined,
    problemOf: (eventId) =>
      findFullLine(eventId) === "all"
        ? queueFull(all, "orders", pendingSeconds)
        : queueFull(lines.of(eventId), "orders of this event", pendingSeconds),
    noteSubmitted: (eventId) => {
      lines.of(eventId).inIntake++;
      all.inIntake++;
      isCountDue = isOn;
    },
    noteAnswered: (eventId) => {
      const line = lines.of(eventId);
      // It may have been forgotten meanwhile.
      line.inIntake = Math.max(0, line.inIntake - 1);
      all.inIntake--;
    },
    noteAccepted: (eventId, acceptedCount) => {
      lines.of(eventId).accepted += acceptedCount;
      all.accepted += acceptedCount;
    },
    count,
    close: counts.close,
  };
}

function ratesOf(queueEstimates: BacklogParts["queueEstimates"], eventId: number): Rates {
  const { decidedPerSecond, sustainedPerSecond } = queueEstimates;
  return { perSecond: decidedPerSecond(eventId), sustainedPerSecond: sustainedPerSecond(eventId) };
}

function queueFull(line: Line, what: string, pendingSeconds: number): ProblemError {
  const pending = pendingOf(line);
  const seconds = secondsUntilRoom(pending, line.perSecond, pendingSeconds);
  const detail = `${pending} ${what} wait for a decision. Send it again in ${seconds} s, with the same Idempotency-Key.`;
  return new ProblemError("queue-full", detail, { retryAfterSeconds: seconds });
}
