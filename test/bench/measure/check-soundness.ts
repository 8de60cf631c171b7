// Checks the orders and the stock after a run: a run with a wrong result does not count.
import { audit } from "@onsale/database/audit/audit";
import type { BenchEvent, Installation } from "./installation.ts";
import { readLeanFacts } from "./order-figures.ts";

/** A contestant oversold, lost an order or gave an unexpected answer: the benchmark fails. */
export class UnsoundError extends Error {
  override readonly name = "UnsoundError";
}

/**
 * Checks every event: with Onsale's audit, or by comparing a synchronous design's orders with its stock.
 *
 * @throws UnsoundError
 */
export async function checkSoundness(installation: Installation, events: readonly BenchEvent[]): Promise<void> {
  const { contestant, db, pool } = installation;
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
