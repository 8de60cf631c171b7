import { setTimeout as delay } from "node:timers/promises";
import { readMachineCpu } from "./process-figures.ts";

const sampleMs = 300;
const busyCoresMax = 0.2;
const waitMaxMs = 10_000;

/** The time that the whole benchmark may still spend on waiting and on repeated runs. */
export type QuietBudget = { leftMs: number };

/** Waits until no other program keeps the machine busy, for at most 10 s. */
export async function untilQuiet(budget: QuietBudget): Promise<void> {
  const begunAt = performance.now();
  const deadline = begunAt + Math.min(waitMaxMs, budget.leftMs);
  while (performance.now() < deadline && (await busyCores()) > busyCoresMax);
  budget.leftMs -= performance.now() - begunAt;
}

/** The cores in use; 0 where the system has no such figure. */
async function busyCores(): Promise<number> {
  const before = readMachineCpu();
  const begunAt = performance.now();
  await delay(sampleMs);
  const after = readMachineCpu();
  if (before === undefined || after === undefined) return 0;
  return (after.busyMs - before.busyMs) / (performance.now() - begunAt);
}
