// Keeps what the last audit of an event found. No locks but that of the row. Index used: the primary key of audits. A
// second run writes the same row again; of two audits the one with the later snapshot stays.
import type { Audit, AuditCheck } from "@onsale/contracts/audit";
import type { Db } from "../../client.ts";

export type LastAudit = Readonly<{ checkedAt: Date; orderCount: number; checks: readonly AuditCheck[] }>;

export async function recordAudit(db: Db, eventId: number, { checkedAt, orders, checks }: Audit): Promise<void> {
  const found = { checked_at: new Date(checkedAt), order_count: orders.total, checks: JSON.stringify(checks) };
  await db
    .insertInto("audits")
    .values({ event_id: eventId, ...found })
    .onConflict((conflict) => {
      return conflict.column("event_id").doUpdateSet(found).where("audits.checked_at", "<=", found.checked_at);
    })
    .execute();
}

/** Undefined when the event was not audited yet. */
export function readLastAudit(db: Db, eventId: number): Promise<LastAudit | undefined> {
  return db
    .selectFrom("audits")
    .where("event_id", "=", eventId)
    .select(["checked_at as checkedAt", "order_count as orderCount", "checks"])
    .executeTakeFirst();
}
