// A run counts only if what it did was right.
import { audit } from "@onsale/gateway/audit/audit";
import type { BenchEvent, Installation } from "./installation.ts";
import { readLeanFacts } from "./order-figures.ts";

/** A contestant sold wrongly, lost an order or answered with something unexpected: the benchmark fails. */
export class UnsoundError extends Error {
  override readonly name = "UnsoundError";
}

/**
 * Checks every event: by Onsale's audit, or that a synchronous design's orders and stock agree.
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
