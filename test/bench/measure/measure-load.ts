// Measures one load: sends it, waits until all orders are decided, and computes speed, latency and cost.
import { randomBytes } from "node:crypto";
import { Histogram } from "../load/histogram.ts";
import { type LoadReport, type RequestPlan, requestCountOf } from "../load/plan.ts";
import { prepareLoad } from "../load/run-load.ts";
import { readCpuTimes, readMachineCpu, readMemory } from "../machine/process-figures.ts";
import type { MeasuredProcess } from "../machine/processes.ts";
import type { FigureName, Figures } from "../names.ts";
import { UnsoundError } from "./check-soundness.ts";
import type { BenchEvent, Installation } from "./installation.ts";
import { type OrderFacts, readLeanFacts, readOrderFacts, untilAllApplied, untilAllDecided } from "./order-figures.ts";

export type LoadSpec = Readonly<{
  connections: number;
  seconds: number;
  request: RequestPlan;
  ratePerSecond?: number;
  generatorCount?: number;
  /** Answers that refuse a purchase and are no fault of the contestant; by default 409 alone. */
  refusals?: readonly string[];
}>;

/** The result of a load, and the figures from it. */
export type LoadOutcome = Readonly<{
  report: LoadReport;
  /** Answers with 200 or 202; when purchases and transitions alternate, those of the purchases. */
  accepted: number;
  /** Answers that refuse a purchase. */
  refused: number;
  /** Undefined for a contestant without Onsale's tables. */
  orders: OrderFacts | undefined;
  figures: Figures;
}>;

/** More requests than any contestant can answer in the longest run. */
const requestCountMax = 10_000_000;
const decideMaxMs = 60_000;

/** Distinguishes the keys of one load from those of all others. */
export function newKeySuffix(): string {
  return randomBytes(6).toString("hex");
}

/**
 * @param events the events that the load buys
 * @throws UnsoundError when a request was lost, or was answered with another status than 200, 202 or, for a purchase, a
 *   refusal
 */
export async function measureLoad(
  installation: Installation,
  events: readonly BenchEvent[],
  spec: LoadSpec,
): Promise<LoadOutcome> {
  const { pool, db, contestant, port } = installation;
  const { generatorCount = 1, refusals = ["409"], ...order } = spec;
  const load = await prepareLoad(
    { ...order, port, requestCountMax: requestCountOf(order.request) ?? requestCountMax },
    generatorCount,
  );
  try {
    const processes = [...load.processes, ...installation.processes];
    const before = await takeSnapshot(installation, processes);
    const report = await load.run();
    const answered = (report.answers["200"] ?? 0) + (report.answers["202"] ?? 0);
    const refused = order.request.kind === "purchase" ? countAnswers(report, refusals) : 0;
    checkAnswers(contestant.name, report, answered + refused);
    const accepted = order.request.kind === "alternate" ? Math.ceil(answered / 2) : answered;
    if (contestant.orders === "pipeline") {
      await untilAllDecided(db, decideMaxMs);
      await untilAllApplied(pool, decideMaxMs);
    }
    const after = await takeSnapshot(installation, processes);
    const peaks = readMemory(processes, "peak");

    const orders =
      contestant.orders === "pipeline" ? await readOrderFacts(pool, events, report.firstSentAtMs - 1) : undefined;
    const figures: Partial<Record<FigureName, number>> = {
      ...speedFigures(report, accepted, refused, orders),
      ...costFigures(before, after, accepted + refused, processes),
    };
    for (const [role, megabytes] of peaks) figures[`peakMb.${role}`] = megabytes;
    return { report, accepted, refused, orders, figures };
  } finally {
    await load.close();
  }
}

/** @throws UnsoundError unless the database has as many orders as were accepted */
export async function checkNothingLost(
  { contestant, pool }: Installation,
  events: readonly BenchEvent[],
  { accepted, orders }: LoadOutcome,
): Promise<void> {
  if (contestant.orders === null) return;
  const stored = orders?.count ?? (await readLeanFacts(pool, events)).orders;
  if (stored === accepted) return;
  throw new UnsoundError(`${contestant.name} accepted ${accepted} orders, and the database has ${stored}`);
}

function countAnswers({ answers }: LoadReport, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (answers[name] ?? 0), 0);
}

function checkAnswers(name: string, report: LoadReport, expected: number): void {
  const answered = Object.values(report.answers).reduce((sum, count) => sum + count, 0);
  if (report.lost === 0 && expected === answered && answered > 0) return;
  const answers = JSON.stringify(report.answers);
  throw new UnsoundError(`${name} answered ${answers} to ${report.requests} requests, and ${report.lost} not at all`);
}

function speedFigures(report: LoadReport, accepted: number, refused: number, orders: OrderFacts | undefined): Figures {
  const { firstSentAtMs, lastAnswerAtMs } = report;
  const answerSeconds = (lastAnswerAtMs - firstSentAtMs) / 1_000;
  const lastDecidedAtMs = orders === undefined || orders.count === 0 ? lastAnswerAtMs : orders.lastDecidedAtMs;
  const decided = orders?.count || accepted;
  const allAnsweredAtMs = refused === 0 ? lastDecidedAtMs : Math.max(lastDecidedAtMs, lastAnswerAtMs);
  const latency = new Histogram();
  latency.add(report.latency);
  const acceptedLatency = new Histogram();
  acceptedLatency.add(report.acceptedLatency);
  return {
    requests: report.requests,
    decided,
    acceptedPerSecond: accepted / answerSeconds,
    decidedPerSecond: decided / ((lastDecidedAtMs - firstSentAtMs) / 1_000),
    answersPerSecond: (decided + refused) / ((allAnsweredAtMs - firstSentAtMs) / 1_000),
    conflictShare: refused / report.requests,
    "accept.p50Ms": latency.percentile(0.5) / 1_000,
    "accept.p95Ms": latency.percentile(0.95) / 1_000,
    "accept.p99Ms": latency.percentile(0.99) / 1_000,
    ...(accepted === 0 ? {} : { "accepted.p99Ms": acceptedLatency.percentile(0.99) / 1_000 }),
    ...(orders === undefined || orders.count === 0
      ? {}
      : { "decision.p50Ms": orders.p50Ms, "decision.p95Ms": orders.p95Ms, "decision.p99Ms": orders.p99Ms }),
  };
}

/** Measures the cost per order of `act`, which returns the number of orders that it decided. */
export async function costOf(
  installation: Installation,
  processes: readonly MeasuredProcess[],
  act: () => Promise<number>,
): Promise<Readonly<{ figures: Figures }>> {
  const before = await takeSnapshot(installation, processes);
  const orderCount = await act();
  const after = await takeSnapshot(installation, processes);
  const figures: Partial<Record<FigureName, number>> = costFigures(before, after, orderCount, processes);
  for (const [role, megabytes] of readMemory(processes, "peak")) figures[`peakMb.${role}`] = megabytes;
  return { figures };
}

type Snapshot = Readonly<{
  at: number;
  cpu: ReturnType<typeof readCpuTimes>;
  machine: ReturnType<typeof readMachineCpu>;
  wal: number | undefined;
}>;

async function takeSnapshot(installation: Installation, processes: readonly MeasuredProcess[]): Promise<Snapshot> {
  const wal = await readWalPosition(installation);
  return { at: performance.now(), cpu: readCpuTimes(processes), machine: readMachineCpu(), wal };
}

function costFigures(
  before: Snapshot,
  after: Snapshot,
  orderCount: number,
  processes: readonly MeasuredProcess[],
): Figures {
  const figures: Partial<Record<FigureName, number>> = {};
  const elapsedMs = after.at - before.at;
  let ownMs = 0;
  for (const role of new Set(processes.map((process) => process.role))) {
    const from = before.cpu.get(role);
    const to = after.cpu.get(role);
    if (from === undefined || to === undefined) continue;
    figures[`cpuMsPerOrder.${role}`] = (to - from) / orderCount;
    figures[`cpuCores.${role}`] = (to - from) / elapsedMs;
    ownMs += to - from;
  }
  if (before.machine !== undefined && after.machine !== undefined) {
    figures.foreignCores = Math.max(0, after.machine.busyMs - before.machine.busyMs - ownMs) / elapsedMs;
    figures.stolenCores = (after.machine.stolenMs - before.machine.stolenMs) / elapsedMs;
  }
  if (before.wal !== undefined && after.wal !== undefined) {
    figures.walBytesPerOrder = (after.wal - before.wal) / orderCount;
  }
  return figures;
}

async function readWalPosition({ contestant, pool }: Installation): Promise<number | undefined> {
  if (contestant.orders === null) return undefined;
  const { rows } = await pool.query("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS position");
  return Number(rows[0].position);
}
