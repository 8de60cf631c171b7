// Sets how many tickets of a type there are, and its price and rules; creates the type when it is new, records after
// which decision the new total took effect, writes the activity log, and notifies the gateways. Locks, in this order:
// those of lock-event.ts when the event has rules that the lane keeps; for a new type the event's row, so that types
// that are created at the same time are counted, and none is made beside the event's first rule; the inventory row, so
// that no batch writes it meanwhile. None of them delays inserts of orders, which take only a key share of the event's
// row. Index used: inventory_newest. A second run finds the total as it should be and changes nothing.
import type { Price } from "@onsale/contracts/price";
import { ticketTypesMax } from "@onsale/contracts/values";
import { eventPool } from "@onsale/domain/rules";
import { findTimeFaults, type TimeFault } from "@onsale/domain/sale-window";
import { sql } from "kysely";
import { catalogueChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { lockedStockOf, nextVersion, stockOfEvent } from "../newest.ts";
import { changeRules, changesRules } from "../rules/change-rules.ts";
import { lockLiveEvent } from "../rules/lock-event.ts";
import { getInventory, type InventoryRow } from "./get-inventory.ts";
import { listChanges, writeActivity } from "./write-activity.ts";

export type SetTotalResult = Readonly<
  | { kind: "created" | "updated"; inventory: InventoryRow }
  | { kind: "below-allocated"; allocated: number }
  | { kind: "too-many-ticket-types" }
  | { kind: "contradiction"; faults: readonly TimeFault[] }
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
  /** Null removes a rule; without it, the rule stays. */
  salesStart?: Date | null | undefined;
  salesEnd?: Date | null | undefined;
  maxPerOrder?: number | null | undefined;
  maxPerCustomer?: number | null | undefined;
  /** The names of all pools that it draws on. */
  pools?: readonly string[] | undefined;
  isHidden?: boolean | undefined;
  /** Who changes it, and why, for the ledger and the activity log. */
  actor: string;
}>;

/** @throws RulesRefusedError */
export async function setInventoryTotal(db: Db, change: TotalToSet): Promise<SetTotalResult> {
  const result = await setTotalOnce(db, change);
  // Rules never go away again, so the second try locks all that they need.
  return result.kind === "ruled-since" ? setInventoryTotal(db, change) : result;
}

/** @returns "ruled-since" when the event got its first rule before it was locked; then nothing was written */
function setTotalOnce(db: Db, change: TotalToSet): Promise<SetTotalResult | Readonly<{ kind: "ruled-since" }>> {
  const { accountId, eventId, eventCode, ticketType, total, actor } = change;
  return db.transaction().execute(async (tx) => {
    const { pools, maxPerCustomer, isHidden } = change;
    const rules = { ticketTypes: [{ ticketType, pools, maxPerCustomer, isHidden }] };
    const isRuled = changesRules(rules) || (await hasRules(tx, eventId));
    if (isRuled) await lockLiveEvent(tx, eventId);
    let row = await lockStockRow(tx, eventId, ticketType);
    if (row?.isCancelled === true) return { kind: "event-cancelled" };
    const faults = findTimeFaults(merge(row, change), change);
    if (faults.length > 0) return { kind: "contradiction", faults };
    const created = row === undefined ? await createTicketType(tx, change, isRuled) : "exists";
    if (created === "event-cancelled" || created === "ruled-since") return { kind: created };
    const isNew = created === "created";
    row ??= await lockStockRow(tx, eventId, ticketType);
    if (row === undefined) return { kind: "too-many-ticket-types" };
    if (row.isCancelled) return { kind: "event-cancelled" };
    if (total < row.allocated) return { kind: "below-allocated", allocated: row.allocated };

    const kind = isNew ? "created" : "updated";
    const after = merge(row, change);
    const changes = listChanges(isNew ? { pools: [], isHidden: false } : fieldsOf(row), after);
    if (Object.keys(changes).length === 0) return { kind, inventory: await readInventory(tx, eventId, ticketType) };
    if (!isNew) await updateStockRow(tx, row.ctid, after);
    if (changes.total !== undefined) {
      await tx
        .insertInto("ledger")
        .values({ event_id: eventId, ticket_type: ticketType, total, after_seq: row.decidedSeq, actor })
        .execute();
    }
    if (isRuled) await changeRules(tx, { accountId, eventId, eventCode, actor }, rules);
    await writeActivity(tx, { eventId, actor, action: "ticket-type-changed", detail: { ticketType, changes } });
    await sql`SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${eventCode}`})`.execute(tx);
    return { kind, inventory: await readInventory(tx, eventId, ticketType) };
  });
}

/** The row that the transaction has locked. */
async function readInventory(tx: Db, eventId: number, ticketType: string): Promise<InventoryRow> {
  const row = (await getInventory(tx, eventId)).find((stock) => stock.ticketType === ticketType);
  if (row === undefined) throw new Error("a ticket type that is locked was not found");
  return row;
}

async function hasRules(tx: Db, eventId: number): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM inventory WHERE event_id = ${eventId}::int AND ticket_type = ${eventPool} LIMIT 1`.execute(tx);
  return rows.length > 0;
}

/** What can be changed of a ticket type. */
type Fields = Readonly<{
  total: number;
  price: Price | null;
  salesStart: Date | null;
  salesEnd: Date | null;
  maxPerOrder: number | null;
  maxPerCustomer: number | null;
  pools: readonly string[];
  isHidden: boolean;
}>;

type StockRow = Omit<Fields, "price"> &
  Readonly<{
    ctid: string;
    allocated: number;
    decidedSeq: number;
    isCancelled: boolean;
    amount: number | null;
    currency: string | null;
  }>;

function fieldsOf({ amount, currency, ...row }: StockRow): Fields {
  const { total, salesStart, salesEnd, maxPerOrder, maxPerCustomer, pools, isHidden } = row;
  const price = amount === null || currency === null ? null : { amount, currency };
  return { total, price, salesStart, salesEnd, maxPerOrder, maxPerCustomer, pools, isHidden };
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
    maxPerCustomer: choose(change.maxPerCustomer, before?.maxPerCustomer),
    pools: change.pools ?? before?.pools ?? [],
    isHidden: change.isHidden ?? before?.isHidden ?? false,
  };
}

async function lockStockRow(tx: Db, eventId: number, ticketType: string): Promise<StockRow | undefined> {
  const columns = sql`event_id, ticket_type, ctid, total, allocated, decided_seq AS "decidedSeq",
                      is_cancelled AS "isCancelled",
                      price_amount AS amount, price_currency AS currency, sales_start AS "salesStart",
                      sales_end AS "salesEnd", max_per_order AS "maxPerOrder", is_hidden AS "isHidden",
                      max_per_customer AS "maxPerCustomer",
                      ARRAY(SELECT substr(name, 6) FROM unnest(pools) AS name WHERE name LIKE 'pool:%') AS pools`;
  const { rows } = await sql<StockRow>`
    SELECT * FROM ${lockedStockOf(columns, sql`${eventId}::int`, sql`${ticketType}::text`)} AS stock`.execute(tx);
  return rows[0];
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

/** @returns "exists" when somebody else has created it, or the event has the maximum of ticket types without it */
async function createTicketType(
  tx: Db,
  change: TotalToSet,
  isRuled: boolean,
): Promise<"created" | "exists" | "event-cancelled" | "ruled-since"> {
  const { eventId, ticketType } = change;
  const { total, price, salesStart, salesEnd, maxPerOrder } = merge(undefined, change);
  const event = await tx
    .selectFrom("events")
    .where("id", "=", eventId)
    .select("cancelled_at")
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (event?.cancelled_at != null) return "event-cancelled";
  // Who gives the event its first rule holds this lock; the new type would stay outside of the rules.
  if (!isRuled && (await hasRules(tx, eventId))) return "ruled-since";
  const { rows } = await sql<{ event_id: number }>`
    INSERT INTO inventory (event_id, ticket_type, total, price_amount, price_currency, sales_start, sales_end,
                           max_per_order)
    SELECT ${eventId}::int, ${ticketType}::text, ${total}::int, ${price?.amount ?? null}::bigint,
           ${price?.currency ?? null}::text, ${salesStart}::timestamptz, ${salesEnd}::timestamptz, ${maxPerOrder}::int
    WHERE (SELECT count(*) FROM ${stockOfEvent(sql`${eventId}::int`)} AS stock) < ${ticketTypesMax}::int
    ON CONFLICT (event_id, ticket_type) DO NOTHING
    RETURNING event_id`.execute(tx);
  return rows.length > 0 ? "created" : "exists";
}
