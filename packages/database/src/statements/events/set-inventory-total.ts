// Sets how many tickets of a type there are, creates the type when it is new, records after which decision the new
// total took effect, and notifies the gateways. Locks, in this order: for a new type the event's row, so that types
// that are created at the same time are counted; the inventory row, so that no batch writes it meanwhile. Neither lock
// delays inserts of orders, which take only a key share of the event's row. Index used: inventory_newest. A second
// run finds the total as it should be and changes nothing.
import type { Price } from "@onsale/contracts/price";
import { ticketTypesMax } from "@onsale/contracts/values";
import { sql } from "kysely";
import { catalogueChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";
import { heldOf, lockedStockOf, nextVersion, stockOfEvent } from "../newest.ts";
import type { InventoryRow } from "./get-inventory.ts";

export type SetTotalResult = Readonly<
  | { kind: "created" | "updated"; inventory: InventoryRow }
  | { kind: "below-allocated"; allocated: number }
  | { kind: "too-many-ticket-types" }
  | { kind: "event-cancelled" }
>;

export type TotalToSet = Readonly<{
  accountId: number;
  eventId: number;
  eventCode: string;
  ticketType: string;
  total: number;
  /** Null removes the price; without it, the price stays. */
  price?: Price | null | undefined;
  /** Who changes it, for the ledger. */
  actor: string;
}>;

export function setInventoryTotal(db: Db, change: TotalToSet): Promise<SetTotalResult> {
  const { accountId, eventId, eventCode, ticketType, total, actor } = change;
  return db.transaction().execute(async (tx): Promise<SetTotalResult> => {
    let row = await lockStockRow(tx, eventId, ticketType);
    const created = row === undefined ? await createTicketType(tx, change) : "exists";
    if (created === "event-cancelled") return { kind: created };
    const isNew = created === "created";
    row ??= await lockStockRow(tx, eventId, ticketType);
    if (row === undefined) return { kind: "too-many-ticket-types" };
    if (row.is_cancelled) return { kind: "event-cancelled" };
    if (total < row.allocated) return { kind: "below-allocated", allocated: row.allocated };

    const { allocated, held } = row;
    const inventory = { ticketType, total, sold: allocated - held, held, available: total - allocated };
    const price = change.price === undefined ? row : toColumns(change.price);
    const isTotalNew = isNew || total !== row.total;
    if (!isTotalNew && price.amount === row.amount && price.currency === row.currency) {
      return { kind: "updated", inventory };
    }
    if (!isNew) {
      await sql`
        UPDATE inventory SET total = ${total}::int, ${nextVersion(sql`inventory`)},
                             price_amount = ${price.amount}::bigint, price_currency = ${price.currency}::text
        WHERE ctid = ${row.ctid}::tid`.execute(tx);
    }
    if (isTotalNew) {
      await tx
        .insertInto("ledger")
        .values({ event_id: eventId, ticket_type: ticketType, total, after_seq: row.decided_seq, actor })
        .execute();
    }
    await sql`SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${eventCode}`})`.execute(tx);
    return { kind: isNew ? "created" : "updated", inventory };
  });
}

function toColumns(price: Price | null) {
  return { amount: price?.amount ?? null, currency: price?.currency ?? null };
}

type StockRow = Readonly<{
  ctid: string;
  total: number;
  allocated: number;
  decided_seq: number;
  is_cancelled: boolean;
  amount: number | null;
  currency: string | null;
  held: number;
}>;

async function lockStockRow(tx: Db, eventId: number, ticketType: string): Promise<StockRow | undefined> {
  const columns = sql`event_id, ticket_type, ctid, total, allocated, decided_seq, is_cancelled,
                      price_amount AS amount, price_currency AS currency`;
  const { rows } = await sql<Omit<StockRow, "held">>`
    SELECT * FROM ${lockedStockOf(columns, sql`${eventId}::int`, sql`${ticketType}::text`)} AS stock`.execute(tx);
  const [row] = rows;
  if (row === undefined) return undefined;
  // Begins after the lock is held: what is held belongs to the allocated tickets that were read.
  const { rows: counted } = await sql<{ held: number }>`
    SELECT ${heldOf(sql`${eventId}::int`, sql`${ticketType}::text`)} AS held`.execute(tx);
  return { ...row, held: counted[0]?.held ?? 0 };
}

/** @returns "exists" when somebody else has created it, or the event has the maximum of ticket types without it */
async function createTicketType(
  tx: Db,
  { eventId, ticketType, total, price }: TotalToSet,
): Promise<"created" | "exists" | "event-cancelled"> {
  const { amount, currency } = toColumns(price ?? null);
  const event = await tx
    .selectFrom("events")
    .where("id", "=", eventId)
    .select("cancelled_at")
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (event?.cancelled_at != null) return "event-cancelled";
  const { rows } = await sql<{ event_id: number }>`
    INSERT INTO inventory (event_id, ticket_type, total, price_amount, price_currency)
    SELECT ${eventId}::int, ${ticketType}::text, ${total}::int, ${amount}::bigint, ${currency}::text
    WHERE (SELECT count(*) FROM ${stockOfEvent(sql`${eventId}::int`)} AS stock) < ${ticketTypesMax}::int
    ON CONFLICT (event_id, ticket_type) DO NOTHING
    RETURNING event_id`.execute(tx);
  return rows.length > 0 ? "created" : "exists";
}
