// How many orders are pending, of each event and of all events, and whether there may be more. A purchase only compares
// numbers that are in memory: a loop counts the pending orders of all events and computes the limits
// (queue-limit.ts), and what this gateway does in between is added, and what all workers do is subtracted.
//
// What other gateways accepted since the count is missing, so the limit may be exceeded by what they accept between two
// counts: half a second, and the time that a count takes. Orders that are accepted or decided while a count runs may be
// missing as well, but none is counted twice: every error lets too many in, and none refuses a purchase wrongly.
import type { Db } from "@onsale/database/client";
import { countBacklog, type EventBacklog } from "@onsale/database/statements/allocation/count-backlog";
import { startLoop } from "@onsale/lifecycle/loop";
import type { Metrics } from "@onsale/observability/metrics";
import { LRUCache } from "lru-cache";
import { ProblemError } from "../http/problem-error.ts";
import { createDecisionRate } from "../results/decision-rate.ts";
import type { Decisions } from "../results/decisions.ts";
import type { QueueEstimates } from "../results/queue-estimates.ts";
import { findFull, pendingLimit, secondsUntilRoom } from "./queue-limit.ts";

export type Backlog = Readonly<{
  /** Why no further purchase of the event is recorded at the moment; undefined while there is room. */
  findRefusal: (eventId: number) => ProblemError | undefined;
  /** A purchase was given to the intake; `noteAnswered` follows once it is recorded, replayed or refused. */
  noteSubmitted: (eventId: number) => void;
  noteAnswered: (eventId: number) => void;
  /** Orders were recorded by this gateway. */
  noteAccepted: (eventId: number, count: number) => void;
  /** Counts now; what changed between two counts is known anyway. */
  count: () => Promise<void>;
  close: () => Promise<void>;
}>;

/** A line of pending orders: that of an event, or of all events. */
type Line = {
  counted: number;
  /** Recorded by this gateway and decided by all workers; since the count, once `counted` has it. */
  accepted: number;
  decided: number;
  inIntake: number;
  limit: number;
  perSecond: number;
  peak: Readonly<{ perSecond: number; atMs: number }>;
};

type LineSettings = Readonly<{ pendingSeconds: number; floor: number }>;

export const eventFloor = 1_000;
export const allFloor = 5_000;
const eventCountMax = 10_000;
const countEveryMs = 500;
/** A count of a long backlog takes a while; this long a pause follows, in times of that. */
const pauseFactor = 9;
const noBacklog = { count: 0, oldestAgeSeconds: 0 };
const noPeak = { perSecond: 0, atMs: Number.NEGATIVE_INFINITY };

const pendingOf = ({ counted, accepted, decided, inIntake }: Line) =>
  Math.max(0, counted + accepted - decided) + inIntake;

function createLine({ pendingSeconds, floor }: LineSettings): Line {
  const limit = pendingLimit({ peakPerSecond: 0, oldestAgeSeconds: 0 }, pendingSeconds, floor);
  return { counted: 0, accepted: 0, decided: 0, inIntake: 0, limit, perSecond: 0, peak: noPeak };
}

/** @param decidedBefore the count has no order that was decided before it began */
function takeCount(
  line: Line,
  { count, oldestAgeSeconds }: Omit<EventBacklog, "eventId">,
  decidedBefore: number,
  perSecond: number,
  { pendingSeconds, floor }: LineSettings,
): void {
  line.counted = count;
  line.accepted = 0;
  line.decided -= decidedBefore;
  line.perSecond = perSecond;
  const nowMs = performance.now();
  // A worker that restarts decides nothing for a moment, which does not make the lane slower.
  const isPeakOld = nowMs - line.peak.atMs > pendingSeconds * 1_000;
  if (perSecond >= line.peak.perSecond || isPeakOld) line.peak = { perSecond, atMs: nowMs };
  line.limit = pendingLimit({ peakPerSecond: line.peak.perSecond, oldestAgeSeconds }, pendingSeconds, floor);
}

type BacklogParts = Readonly<{
  db: Db;
  decisions: Pick<Decisions, "subscribe">;
  queueEstimates: Pick<QueueEstimates, "decidedPerSecond">;
  metrics: Metrics;
  onError: (error: Error) => void;
}>;

/** @param pendingSeconds for how long the last pending order may wait; 0 for no limit */
export function createBacklog(parts: BacklogParts, pendingSeconds: number): Backlog {
  const { db, decisions, queueEstimates, metrics, onError } = parts;
  const eventSettings = { pendingSeconds, floor: eventFloor };
  const allSettings = { pendingSeconds, floor: allFloor };
  const lines = new LRUCache<number, Line>({ max: eventCountMax });
  const all = createLine(allSettings);
  const rate = createDecisionRate();
  let busyCount = 0;
  /** Whether a count could tell something new. */
  let isCountDue = true;

  function lineOf(eventId: number): Line {
    const known = lines.get(eventId);
    if (known !== undefined) return known;
    const line = createLine(eventSettings);
    lines.set(eventId, line);
    return line;
  }

  async function count(): Promise<void> {
    isCountDue = false;
    const begun = new Map(Array.from(lines.entries(), ([eventId, { decided }]) => [eventId, decided]));
    const allDecided = all.decided;
    const counts = await countBacklog(db).catch((error) => {
      isCountDue = true;
      throw error;
    });
    for (const { eventId } of counts) lineOf(eventId);
    const byEvent = new Map(counts.map((row) => [row.eventId, row]));
    for (const [eventId, line] of lines.entries()) {
      const perSecond = queueEstimates.decidedPerSecond(eventId);
      takeCount(line, byEvent.get(eventId) ?? noBacklog, begun.get(eventId) ?? 0, perSecond, eventSettings);
    }
    const sum = counts.reduce((total, row) => total + row.count, 0);
    const oldestAgeSeconds = counts.reduce((oldest, row) => Math.max(oldest, row.oldestAgeSeconds), 0);
    takeCount(all, { count: sum, oldestAgeSeconds }, allDecided, rate.perSecond(), allSettings);
    busyCount = counts.length;
    if (sum > 0) isCountDue = true;
  }

  function refusal(eventId: number): ProblemError | undefined {
    const line = lineOf(eventId);
    const event = { pending: pendingOf(line), limit: line.limit };
    const full = findFull(event, { pending: pendingOf(all), limit: all.limit }, busyCount);
    return full === undefined ? undefined : queueFull(full, full === "event" ? line : all, pendingSeconds);
  }

  const isOn = pendingSeconds > 0;
  metrics.gauge("orders_pending_limit", async (gauge) => gauge.set(isOn ? all.limit : Number.POSITIVE_INFINITY));
  decisions.subscribe(({ eventId, count: decidedCount }) => {
    lineOf(eventId).decided += decidedCount;
    all.decided += decidedCount;
    rate.note(decidedCount);
  });
  const counts = startLoop({
    run: async () => (isOn && isCountDue ? count() : undefined),
    pauseMs: ({ tookMs }) => Math.max(countEveryMs, tookMs * pauseFactor),
    onError,
  });

  return {
    findRefusal: (eventId) => (isOn ? refusal(eventId) : undefined),
    noteSubmitted: (eventId) => {
      lineOf(eventId).inIntake++;
      all.inIntake++;
      isCountDue = true;
    },
    noteAnswered: (eventId) => {
      const line = lines.get(eventId);
      if (line !== undefined) line.inIntake = Math.max(0, line.inIntake - 1);
      all.inIntake--;
    },
    noteAccepted: (eventId, acceptedCount) => {
      lineOf(eventId).accepted += acceptedCount;
      all.accepted += acceptedCount;
    },
    count,
    close: counts.close,
  };
}

function queueFull(full: "event" | "all", line: Line, pendingSeconds: number): ProblemError {
  const pending = pendingOf(line);
  const seconds = secondsUntilRoom(pending, line.perSecond, pendingSeconds);
  const what = full === "event" ? "orders of this event" : "orders";
  const detail = `${pending} ${what} wait for a decision. Send it again in ${seconds} s, with the same Idempotency-Key.`;
  return new ProblemError("queue-full", detail, { retryAfterSeconds: seconds });
}
