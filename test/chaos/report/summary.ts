// The figures of a run.
import type { Fault } from "../../support/faults.ts";
import type { StoredOrder } from "../facts.ts";
import type { Call } from "../history.ts";
import type { Injected } from "../nemesis/nemesis.ts";
import type { ChaosResult } from "../run-chaos.ts";

export type FaultSummary = Readonly<{
  name: string;
  /** How often it was injected, and how often it bit. */
  injected: number;
  bit: number;
  /** Processes, sessions, connections, keys and so on, all together. */
  hits: number;
  /** From the end of the fault until a buyer who came after it knew a decision, in milliseconds. */
  recoveryMedianMs: number | null;
  recoveryMaxMs: number | null;
  errors: readonly string[];
}>;

export type Summary = Readonly<{
  options: ChaosResult["options"];
  seconds: number;
  calls: number;
  /** Calls whose answer was lost, or did not come in time. */
  unknown: number;
  /** Answers by status, of problems only. */
  problems: Readonly<Record<string, number>>;
  purchases: number;
  /** Requests that named the key of an earlier one. */
  duplicates: number;
  /** Orders by status. */
  orders: Readonly<Record<string, number>>;
  accepted: number;
  /** Holds that expired, and how long after their time, in milliseconds. */
  holds: Readonly<{ expired: number; lateMedianMs: number | null; lateMaxMs: number | null }>;
  webhooks: number;
  webhookRepetitions: number;
  receiverFailures: number;
  saleChanges: number;
  turnedAway: number;
  unexpectedEnds: readonly string[];
  settledAfterMs: number | null;
  faults: readonly FaultSummary[];
  /** Faults that did not bite once: the run says nothing about them. */
  toothless: readonly string[];
  /** Faults that need what this machine or this kind of queues does not have. */
  missing: readonly string[];
  violations: readonly Fault[];
}>;

/** Whether nothing was found, and the run could have found something. */
export function hasPassed({ violations, settledAfterMs, accepted, faults }: Summary): boolean {
  return violations.length === 0 && settledAfterMs !== null && accepted > 0 && faults.some(({ bit }) => bit > 0);
}

/** Adds a run up. */
export function summarise(result: ChaosResult): Summary {
  const { calls, facts, injected, faultNames } = result;
  const purchases = calls.filter(({ ask }) => ask.kind === "purchase");
  const keys = new Set(purchases.map(({ ask }) => (ask.kind === "purchase" ? ask.key : "")));
  const decided = decidedPurchases(calls);
  const faults = faultNames.map((name) =>
    summariseFault(
      name,
      injected.filter((one) => one.name === name),
      decided,
    ),
  );
  const problems = calls.flatMap(({ result: { ...one } }) =>
    one.kind === "problem" ? [`${one.status} ${one.code}`] : [],
  );
  return {
    options: result.options,
    seconds: Math.round((result.endedMs - result.beganMs) / 1_000),
    calls: calls.length,
    unknown: calls.filter((call) => call.result.kind === "unknown").length,
    problems: countBy(problems),
    purchases: purchases.length,
    duplicates: purchases.length - keys.size,
    orders: countBy(facts.orders.map(({ status }) => status)),
    accepted: facts.orders.length,
    holds: summariseHolds(facts.orders),
    webhooks: facts.received.length,
    webhookRepetitions: facts.received.length - new Set(facts.received.map(({ webhookId }) => webhookId)).size,
    receiverFailures: result.receiverFailureCount,
    saleChanges: result.changeCount,
    turnedAway: result.turnedAwayCount,
    unexpectedEnds: result.unexpectedEnds,
    settledAfterMs: result.isSettled ? Math.round(result.settledAfterMs) : null,
    faults,
    toothless: faults.filter(({ bit }) => bit === 0).map(({ name }) => name),
    missing: result.missingFaultNames,
    violations: result.violations,
  };
}

function countBy(values: readonly string[]): Record<string, number> {
  const groups = [...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length] as const);
  return Object.fromEntries(groups.sort(([, a], [, b]) => b - a));
}

function summariseHolds(orders: readonly StoredOrder[]): Summary["holds"] {
  const lateMs = orders
    .flatMap(({ expiresAtMs, history }) => {
      const expiry = history.find(({ to }) => to === "EXPIRED");
      return expiry === undefined || expiresAtMs === null ? [] : [Math.round(expiry.atMs - expiresAtMs)];
    })
    .sort((a, b) => a - b);
  return {
    expired: lateMs.length,
    lateMedianMs: lateMs[Math.floor(lateMs.length / 2)] ?? null,
    lateMaxMs: lateMs.at(-1) ?? null,
  };
}

/** Purchases whose answer told a decision, by the time of that answer. */
function decidedPurchases(calls: readonly Call[]): readonly Call[] {
  return calls
    .filter(
      ({ ask, result }) => ask.kind === "purchase" && result.kind === "order" && result.order.status !== "PENDING",
    )
    .sort((a, b) => a.endedMs - b.endedMs);
}

/** The first answer to a purchase that was sent at this time or later. */
function firstAfter(decided: readonly Call[], timeMs: number): Call | undefined {
  // Those that were answered before it were sent before it: a run has a million.
  let [from, to] = [0, decided.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((decided[middle]?.endedMs ?? 0) < timeMs) from = middle + 1;
    else to = middle;
  }
  for (let index = from; index < decided.length; index++) {
    const call = decided[index];
    if (call !== undefined && call.beganMs >= timeMs) return call;
  }
  return undefined;
}

function summariseFault(name: string, injected: readonly Injected[], decided: readonly Call[]): FaultSummary {
  const recoveries = injected
    .flatMap(({ healedMs }) => {
      const next = firstAfter(decided, healedMs);
      return next === undefined ? [] : [Math.round(next.endedMs - healedMs)];
    })
    .sort((a, b) => a - b);
  return {
    name,
    injected: injected.length,
    bit: injected.filter(({ hits }) => hits > 0).length,
    hits: injected.reduce((sum, { hits }) => sum + hits, 0),
    recoveryMedianMs: recoveries[Math.floor(recoveries.length / 2)] ?? null,
    recoveryMaxMs: recoveries.at(-1) ?? null,
    errors: injected.flatMap(({ error }) => (error === undefined ? [] : [error])),
  };
}
