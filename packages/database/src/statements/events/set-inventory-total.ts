// Sets how many tickets of a type there are, creates the type when it is new, records after which decision the new
// total took effect, and notifies the gateways. Locks, in this order: for a new type the event's row, so that types
// that are created at the same time are counted; the inventory row, so that no batch writes it meanwhile. Neither lock
// delays inserts of orders, which take only a key share of the event's row. Index used: the primary key of inventory. A
// second run finds the total as it should be and changes nothing.
import { ticketTypesMax } from "@onsale/contracts/values";
import { sql } from "kysely";
import { catalogueChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";
import type { InventoryRow } from "./get-inventory.ts";

export type SetTotalResult = Readonly<
  | { kind: "created" | "updated"; inventory: InventoryRow }
  | { kind: "below-allocated"; allocated: number }
  | { kind: "too-many-ticket-types" }
>;

export type TotalToSet = Readonly<{
  accountId: number;
  eventId: number;
  eventCode: string;
  ticketType: string;
  total: number;
}>;

export function setInventoryTotal(db: Db, change: TotalToSet): Promise<SetTotalResult> {
  const { accountId, eventId, eventCode, ticketType, total } = change;
  return db.transaction().execute(async (tx): Promise<SetTotalResult> => {
    if (!(await mayHaveTicketType(tx, eventId, ticketType))) return { kind: "too-many-ticket-types" };
    const created = await tx
      .insertInto("inventory")
      .values({ event_id: eventId, ticket_type: ticketType, total })
      .onConflict((conflict) => conflict.columns(["event_id", "ticket_type"]).doNothing())
      .returning("event_id")
      .executeTakeFirst();
    const row = await tx
      .selectFrom("inventory")
      .where("event_id", "=", eventId)
      .where("ticket_type", "=", ticketType)
      .select(["total", "allocated", "decided_seq"])
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (total < row.allocated) return { kind: "below-allocated", allocated: row.allocated };

    const inventory = { ticketType, total, sold: row.allocated, held: 0, available: total - row.allocated };
    if (created === undefined) {
      if (total === row.total) return { kind: "updated", inventory };
      await tx
        .updateTable("inventory")
        .set((eb) => ({ total, version: eb("version", "+", 1) }))
        .where("event_id", "=", eventId)
        .where("ticket_type", "=", ticketType)
        .execute();
    }
    await tx
      .insertInto("inventory_totals")
      .values({ event_id: eventId, ticket_type: ticketType, total, after_seq: row.decided_seq })
      .execute();
    await sql`SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${eventCode}`})`.execute(tx);
    return { kind: created === undefined ? "updated" : "created", inventory };
  });
}

/** Whether the event has the ticket type, or fewer other ones than the maximum. */
async function mayHaveTicketType(tx: Db, eventId: number, ticketType: string): Promise<boolean> {
  const types = tx.selectFrom("inventory").where("event_id", "=", eventId);
  const known = types.where("ticket_type", "=", ticketType).select("event_id");
  if ((await known.executeTakeFirst()) !== undefined) return true;
  await tx.selectFrom("events").where("id", "=", eventId).select("id").forNoKeyUpdate().execute();
  const { count } = await types
    .where("ticket_type", "!=", ticketType)
    .select((eb) => eb.fn.countAll<string>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count) < ticketTypesMax;
}
