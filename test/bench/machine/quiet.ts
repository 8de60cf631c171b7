import { setTimeout as delay } from "node:timers/promises";
import { readMachineCpu } from "./process-figures.ts";

const lookMs = 300;
const busyCoresMax = 0.2;
const waitMaxMs = 10_000;

/** Waits, for some seconds at most, until nothing else keeps the machine busy. */
export async function untilQuiet(): Promise<void> {
  for (const deadline = performance.now() + waitMaxMs; performance.now() < deadline; ) {
    const before = readMachineCpu();
    const startedAt = performance.now();
    await delay(lookMs);
    const after = readMachineCpu();
    if (before === undefined || after === undefined) return;
    if ((after.busyMs - before.busyMs) / (performance.now() - startedAt) <= busyCoresMax) return;
  }
}
