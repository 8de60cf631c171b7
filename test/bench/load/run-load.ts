// Runs a load with one or several generator processes, and merges their reports.
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { MeasuredProcess } from "../machine/processes.ts";
import { detachedFork, messageOf, stopChild } from "../machine/processes.ts";
import { Histogram, type HistogramData } from "./histogram.ts";
import type { LoadPlan, LoadReport } from "./plan.ts";

const generatorFile = join(import.meta.dirname, "..", "programs", "load-generator.ts");
const connectMaxMs = 30_000;
/** Longer than a generator waits for its last answers. */
const reportMaxMs = 30_000;

/** A load whose connections are open. */
export type ReadyLoad = Readonly<{
  processes: readonly MeasuredProcess[];
  run: () => Promise<LoadReport>;
  close: () => Promise<void>;
}>;

export type LoadOrder = Omit<LoadPlan, "offset" | "stride">;

/** @param generatorCount processes that share the connections */
export async function prepareLoad(order: LoadOrder, generatorCount = 1): Promise<ReadyLoad> {
  const children = Array.from({ length: generatorCount }, (_, offset) => {
    const plan: LoadPlan = {
      ...order,
      connections: Math.max(1, Math.floor(order.connections / generatorCount)),
      requestCountMax: Math.ceil(order.requestCountMax / generatorCount),
      ...(order.ratePerSecond === undefined ? {} : { ratePerSecond: order.ratePerSecond / generatorCount }),
      offset,
      stride: generatorCount,
    };
    const child = fork(generatorFile, detachedFork);
    child.send(plan);
    return child;
  });
  const close = async () => void (await Promise.all(children.map(stopChild)));
  try {
    await Promise.all(children.map((child) => messageOf(child, "ready", "a load generator", connectMaxMs)));
  } catch (error) {
    await close();
    throw error;
  }
  const runOne = async (child: ChildProcess) => {
    const report = messageOf(child, "report", "a load generator", order.seconds * 1_000 + reportMaxMs);
    child.send({ begin: true });
    return parseReport(await report);
  };
  return {
    processes: children.map((child) => ({ role: "generator", pid: child.pid ?? 0 })),
    run: async () => mergeReports(await Promise.all(children.map(runOne))),
    close,
  };
}

/** @param reports at least one */
export function mergeReports(reports: readonly LoadReport[]): LoadReport {
  const latency = new Histogram();
  const acceptedLatency = new Histogram();
  const answers: Record<string, number> = {};
  for (const report of reports) {
    latency.add(report.latency);
    acceptedLatency.add(report.acceptedLatency);
    for (const [status, count] of Object.entries(report.answers)) answers[status] = (answers[status] ?? 0) + count;
  }
  return {
    requests: reports.reduce((sum, report) => sum + report.requests, 0),
    answers,
    lost: reports.reduce((sum, report) => sum + report.lost, 0),
    firstSentAtMs: Math.min(...reports.map((report) => report.firstSentAtMs)),
    lastAnswerAtMs: Math.max(...reports.map((report) => report.lastAnswerAtMs)),
    latency: latency.toData(),
    acceptedLatency: acceptedLatency.toData(),
  };
}

function parseReport(message: unknown): LoadReport {
  if (!isReport(message)) throw new TypeError("a load generator sent an invalid report");
  return message;
}

function isReport(message: unknown): message is LoadReport {
  if (typeof message !== "object" || message === null) return false;
  const numbers = ["requests", "lost", "firstSentAtMs", "lastAnswerAtMs"];
  const histograms = ["latency", "acceptedLatency"];
  return (
    numbers.every((name) => typeof Reflect.get(message, name) === "number") &&
    histograms.every((name) => isData(Reflect.get(message, name)))
  );
}

function isData(value: unknown): value is HistogramData {
  return Array.isArray(value);
}
