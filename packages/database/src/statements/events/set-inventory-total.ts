// Sets how many tickets of a type there are, and its price and rules; creates the type when it is new, records after
// which decision the new total took effect, writes the activity log, and notifies the gateways. Locks, in this order: for a new type the event's row, so that types
// that are created at the same time are counted; the inventory row, so that no batch writes it meanwhile. Neither lock
// delays inserts of orders, which take only a key share of the event's row. Index used: inventory_newest. A second
// run finds the total as it should be and changes nothing.
import type { Price } from "@onsale/contracts/price";
import { ticketTypesMax } from "@onsale/contracts/values";
import { findTimeFaults, type TimeFault } from "@onsale/domain/sale-window";
import { sql } from "kysely";
import { catalogueChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";
import { heldOf, lockedStockOf, nextVersion, stockOfEvent } from "../newest.ts";
import type { InventoryRow } from "./get-inventory.ts";
import { listChanges, writeActivity } from "./write-activity.ts";

export type SetTotalResult = Readonly<
  | { kind: "created" | "updated"; inventory: InventoryRow }
  | { kind: "below-allocated"; allocated: number }
  | { kind: "too-many-ticket-types" }
  | { kind: "contradiction"; faults: readonly TimeFault[] }
>;

export type TotalToSet = Readonly<{
  accountId: number;
  eventId: number;
  eventCode: string;
  ticketType: string;
  total: number;
  /** Null removes the price; without it, the price stays. */
  price?: Price | null | undefined;
  /** Null removes a rule; without it, the rule stays. */
  salesStart?: Date | null | undefined;
  salesEnd?: Date | null | undefined;
  maxPerOrder?: number | null | undefined;
  /** Who changes it, for the ledger and the activity log. */
  actor: string;
}>;

export function setInventoryTotal(db: Db, change: TotalToSet): Promise<SetTotalResult> {
  const { accountId, eventId, eventCode, ticketType, total, actor } = change;
  return db.transaction().execute(async (tx): Promise<SetTotalResult> => {
    let row = await lockStockRow(tx, eventId, ticketType);
    const faults = findTimeFaults(merge(row, change), change);
    if (faults.length > 0) return { kind: "contradiction", faults };
    const isNew = row === undefined && (await createTicketType(tx, change));
    row ??= await lockStockRow(tx, eventId, ticketType);
    if (row === undefined) return { kind: "too-many-ticket-types" };
    if (total < row.allocated) return { kind: "below-allocated", allocated: row.allocated };

    const { allocated, held } = row;
    const inventory = { ticketType, total, sold: allocated - held, held, available: total - allocated };
    const kind = isNew ? "created" : "updated";
    const after = merge(row, change);
    const changes = listChanges(isNew ? {} : fieldsOf(row), after);
    if (Object.keys(changes).length === 0) return { kind, inventory };
    if (!isNew) await updateStockRow(tx, row.ctid, after);
    if (changes.total !== undefined) {
      await tx
        .insertInto("ledger")
        .values({ event_id: eventId, ticket_type: ticketType, total, after_seq: row.decidedSeq, actor })
        .execute();
    }
    await writeActivity(tx, { eventId, actor, action: "ticket-type-changed", detail: { ticketType, changes } });
    await sql`SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${eventCode}`})`.execute(tx);
    return { kind, inventory };
  });
}

/** What can be changed of a ticket type. */
type Fields = Readonly<{
  total: number;
  price: Price | null;
  salesStart: Date | null;
  salesEnd: Date | null;
  maxPerOrder: number | null;
}>;

type StockRow = Omit<Fields, "price"> &
  Readonly<{
    ctid: string;
    allocated: number;
    decidedSeq: number;
    amount: number | null;
    currency: string | null;
    held: number;
  }>;

function fieldsOf({ total, amount, currency, salesStart, salesEnd, maxPerOrder }: StockRow): Fields {
  const price = amount === null || currency === null ? null : { amount, currency };
  return { total, price, salesStart, salesEnd, maxPerOrder };
}

/** The fields of a ticket type after a change; those that it does not name stay, or are null for a new type. */
function merge(row: StockRow | undefined, change: TotalToSet): Fields {
  const before = row === undefined ? undefined : fieldsOf(row);
  const choose = <T>(to: T | undefined, from: T | undefined) => (to === undefined ? (from ?? null) : to);
  return {
    total: change.total,
    price: choose(change.price, before?.price),
    salesStart: choose(change.salesStart, before?.salesStart),
    salesEnd: choose(change.salesEnd, before?.salesEnd),
    maxPerOrder: choose(change.maxPerOrder, before?.maxPerOrder),
  };
}

async function lockStockRow(tx: Db, eventId: number, ticketType: string): Promise<StockRow | undefined> {
  const columns = sql`event_id, ticket_type, ctid, total, allocated, decided_seq AS "decidedSeq",
                      price_amount AS amount, price_currency AS currency, sales_start AS "salesStart",
                      sales_end AS "salesEnd", max_per_order AS "maxPerOrder"`;
  const { rows } = await sql<Omit<StockRow, "held">>`
    SELECT * FROM ${lockedStockOf(columns, sql`${eventId}::int`, sql`${ticketType}::text`)} AS stock`.execute(tx);
  const [row] = rows;
  if (row === undefined) return undefined;
  // Begins after the lock is held: what is held belongs to the allocated tickets that were read.
  const { rows: counted } = await sql<{ held: number }>`
    SELECT ${heldOf(sql`${eventId}::int`, sql`${ticketType}::text`)} AS held`.execute(tx);
  return { ...row, held: counted[0]?.held ?? 0 };
}

async function updateStockRow(tx: Db, ctid: string, fields: Fields): Promise<void> {
  const { total, price, salesStart, salesEnd, maxPerOrder } = fields;
  await sql`
    UPDATE inventory SET total = ${total}::int, ${nextVersion(sql`inventory`)},
                         price_amount = ${price?.amount ?? null}::bigint,
                         price_currency = ${price?.currency ?? null}::text, sales_start = ${salesStart}::timestamptz,
                         sales_end = ${salesEnd}::timestamptz, max_per_order = ${maxPerOrder}::int
    WHERE ctid = ${ctid}::tid`.execute(tx);
}

/** @returns false when somebody else has created it, or the event has the maximum of ticket types without it */
async function createTicketType(tx: Db, change: TotalToSet): Promise<boolean> {
  const { eventId, ticketType } = change;
  const { total, price, salesStart, salesEnd, maxPerOrder } = merge(undefined, change);
  await tx.selectFrom("events").where("id", "=", eventId).select("id").forNoKeyUpdate().execute();
  const { rows } = await sql<{ event_id: number }>`
    INSERT INTO inventory (event_id, ticket_type, total, price_amount, price_currency, sales_start, sales_end,
                           max_per_order)
    SELECT ${eventId}::int, ${ticketType}::text, ${total}::int, ${price?.amount ?? null}::bigint,
           ${price?.currency ?? null}::text, ${salesStart}::timestamptz, ${salesEnd}::timestamptz, ${maxPerOrder}::int
    WHERE (SELECT count(*) FROM ${stockOfEvent(sql`${eventId}::int`)} AS stock) < ${ticketTypesMax}::int
    ON CONFLICT (event_id, ticket_type) DO NOTHING
    RETURNING event_id`.execute(tx);
  return rows.length > 0;
}
