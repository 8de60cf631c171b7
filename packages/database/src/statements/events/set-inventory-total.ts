// Sets how many tickets of a type there are, creates the type when it is new, records after which decision the new
// total took effect, and notifies the gateways. Locks, in this order: for a new type the event's row, so that types
// that are created at the same time are counted; the inventory row, so that no batch writes it meanwhile. Neither lock
// delays inserts of orders, which take only a key share of the event's row. Index used: inventory_newest. A second
// run finds the total as it should be and changes nothing.
import { ticketTypesMax } from "@onsale/contracts/values";
import { sql } from "kysely";
import { catalogueChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";
import { lockedStockOf, nextVersion, stockOfEvent } from "../newest.ts";
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
    let row = await lockStockRow(tx, eventId, ticketType);
    const isNew = row === undefined && (await createTicketType(tx, change));
    row ??= await lockStockRow(tx, eventId, ticketType);
    if (row === undefined) return { kind: "too-many-ticket-types" };
    if (total < row.allocated) return { kind: "below-allocated", allocated: row.allocated };

    const inventory = { ticketType, total, sold: row.allocated, held: 0, available: total - row.allocated };
    if (!isNew) {
      if (total === row.total) return { kind: "updated", inventory };
      await sql`
        UPDATE inventory SET total = ${total}::int, ${nextVersion(sql`inventory`)}
        WHERE ctid = ${row.ctid}::tid`.execute(tx);
    }
    await tx
      .insertInto("inventory_totals")
      .values({ event_id: eventId, ticket_type: ticketType, total, after_seq: row.decided_seq })
      .execute();
    await sql`SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${eventCode}`})`.execute(tx);
    return { kind: isNew ? "created" : "updated", inventory };
  });
}

type StockRow = Readonly<{ ctid: string; total: number; allocated: number; decided_seq: number }>;

async function lockStockRow(tx: Db, eventId: number, ticketType: string): Promise<StockRow | undefined> {
  const columns = sql`ctid, total, allocated, decided_seq`;
  const { rows } = await sql<StockRow>`
    SELECT * FROM ${lockedStockOf(columns, sql`${eventId}::int`, sql`${ticketType}::text`)} AS stock`.execute(tx);
  return rows[0];
}

/** @returns false when somebody else has created it, or the event has the maximum of ticket types without it */
async function createTicketType(tx: Db, { eventId, ticketType, total }: TotalToSet): Promise<boolean> {
  await tx.selectFrom("events").where("id", "=", eventId).select("id").forNoKeyUpdate().execute();
  const { rows } = await sql<{ event_id: number }>`
    INSERT INTO inventory (event_id, ticket_type, total)
    SELECT ${eventId}::int, ${ticketType}::text, ${total}::int
    WHERE (SELECT count(*) FROM ${stockOfEvent(sql`${eventId}::int`)} AS stock) < ${ticketTypesMax}::int
    ON CONFLICT (event_id, ticket_type) DO NOTHING
    RETURNING event_id`.execute(tx);
  return rows.length > 0;
}
