import { setTimeout as delay } from "node:timers/promises";
import { readMachineCpu } from "./process-figures.ts";

const lookMs = 300;
const busyCoresMax = 0.2;
const waitMaxMs = 10_000;

/** How much time is left for waiting and for repeating, in the whole benchmark. */
export type Patience = { leftMs: number };

/** Waits, for some seconds at most, until nothing else keeps the machine busy. */
export async function untilQuiet(patience: Patience): Promise<void> {
  const begunAt = performance.now();
  const deadline = begunAt + Math.min(waitMaxMs, patience.leftMs);
  while (performance.now() < deadline && (await busyCores()) > busyCoresMax);
  patience.leftMs -= performance.now() - begunAt;
}

/** 0 where the system does not tell. */
async function busyCores(): Promise<number> {
  const before = readMachineCpu();
  const begunAt = performance.now();
  await delay(lookMs);
  const after = readMachineCpu();
  if (before === undefined || after === undefined) return 0;
  return (after.busyMs - before.busyMs) / (performance.now() - begunAt);
}
