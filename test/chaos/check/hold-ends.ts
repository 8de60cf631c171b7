// Holds end at their time: never before, and soon after, unless something that ends them was down.
import type { Faults } from "../../support/faults.ts";
import type { Facts, Outage } from "../facts.ts";

/** A hold ends within a second where a worker runs; the rest is for a busy machine. */
export const lateMaxMs = 15_000;
/** However many outages there were: workers get some seconds between them. */
const lateAnywayMs = 120_000;
/** After an outage, processes start and take over from those that died. */
const recoveryMs = 20_000;

/** Checks the holds that expired, and those that should have. */
export function checkHoldEnds({ orders, outages, readAtMs }: Facts, faults: Faults): void {
  for (const { id, status, expiresAtMs, history } of orders) {
    if (expiresAtMs === null) continue;
    if (status === "HELD" && isLate(expiresAtMs, readAtMs, outages)) faults.note("a hold did not end", id);
    const expiry = history.find(({ to }) => to === "EXPIRED");
    if (expiry === undefined) continue;
    const afterMs = expiry.atMs - expiresAtMs;
    if (afterMs < 0) faults.note("a hold ended before its time", `${id}: ${-afterMs} ms`);
    if (isLate(expiresAtMs, expiry.atMs, outages)) faults.note("a hold ended late", `${id}: after ${afterMs} ms`);
  }
}

/** Whether the time until its end was too long, without the outages in it and the times after them. */
function isLate(dueMs: number, endedMs: number, outages: readonly Outage[]): boolean {
  if (endedMs - dueMs <= lateMaxMs) return false;
  if (endedMs - dueMs > lateAnywayMs) return true;
  let soundMs = 0;
  let atMs = dueMs;
  for (const { fromMs, toMs } of outages) {
    if (fromMs >= endedMs) break;
    soundMs += Math.max(0, fromMs - atMs);
    atMs = Math.max(atMs, toMs + recoveryMs);
  }
  return soundMs + Math.max(0, endedMs - atMs) > lateMaxMs;
}
