// Checks the orders, the stock and the processes after a run: a run with a wrong result does not count.
import { audit } from "@onsale/database/audit/audit";
import { isRunning } from "../machine/processes.ts";
import type { BenchEvent, Installation } from "./installation.ts";
import { readLeanFacts } from "./order-figures.ts";

/** A contestant oversold, lost an order, gave an unexpected answer or ended: the benchmark fails. */
export class UnsoundError extends Error {
  override readonly name = "UnsoundError";
}

/**
 * Checks every event: with Onsale's audit, or by comparing a synchronous design's orders with its stock. And every
 * process must still run: nothing starts one again.
 *
 * @throws UnsoundError
 */
export async function checkSoundness(installation: Installation, events: readonly BenchEvent[]): Promise<void> {
  const { contestant, db, pool, processes } = installation;
  const ended = processes.find(({ pid }) => !isRunning(pid));
  if (ended !== undefined) throw new UnsoundError(`a ${ended.role} of ${contestant.name} ended during the run`);
  if (contestant.orders === "pipeline") {
    const audits = await Promise.all(events.map(({ id, code }) => audit(db, id, code)));
    const failed = audits.find(({ ok }) => !ok);
    if (failed === undefined) return;
    const faults = failed.checks.filter(({ ok }) => !ok);
    throw new UnsoundError(`the audit of ${failed.eventCode} failed: ${JSON.stringify(faults)}`);
  }
  if (contestant.orders === "lean") {
    const { orders, sold, total } = await readLeanFacts(pool, events);
    if (orders !== sold || sold > total) {
      throw new UnsoundError(`${contestant.name} sold ${sold} of ${total} tickets in ${orders} orders`);
    }
  }
}
