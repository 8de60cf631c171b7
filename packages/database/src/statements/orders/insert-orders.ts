// Accepts a group of purchases with one statement, and so with one commit.
//
// Locks: first a shared advisory lock, which tells the allocator that orders may not be visible yet
// (arrival-floor.ts); it never waits. Then the idempotency keys, sorted: two groups with the same keys wait for each
// other in one direction only (inserted as they came, 35 of 40 such pairs ended in a deadlock of a second).
// Index used: orders_idempotency decides what is new. A second run of the same group inserts nothing and returns
// nothing, because all its keys exist.
//
// It returns one row, not one for each order: reading rows was a tenth of the gateway's time for an order.
//
// Whether the sale is open is decided here, by the time that becomes `created_at`. The group has one window, that of
// all its orders together: a window for each order would be two more arrays in every insert, and nearly always they
// would say the same. Outside of it nothing is inserted, and the caller tries again without the orders that are too
// early or too late at the time that it gets.
import type { Strategy } from "@onsale/contracts/order";
import type { OrderTerms } from "@onsale/contracts/present-order";
import { alwaysOpen, intersect, type SaleWindow } from "@onsale/domain/sale-window";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { takeArrivalLock } from "./arrival-floor.ts";

/** An order to insert; `fingerprint` is SHA-256 in hexadecimal. */
export type NewOrder = Readonly<{
  id: string;
  accountId: number;
  eventId: number;
  /** Null for a basket with several ticket types; then `quantity` is the number of its tickets. */
  ticketType: string | null;
  quantity: number;
  terms: OrderTerms | null;
  strategy: Strategy;
  customerRef: string | null;
  idempotencyKey: string;
  fingerprint: string;
  /** When such a purchase is accepted. */
  window: SaleWindow;
}>;

/** What the database adds to a new order. */
export type InsertedOrder = Readonly<{ id: string; seq: number; createdAt: Date }>;

/** `outside`: nothing was inserted, because at `atMs` not all orders were within their windows. */
export type InsertResult = Readonly<
  { kind: "inserted"; orders: readonly InsertedOrder[] } | { kind: "outside"; atMs: number }
>;

/**
 * Inserts the orders whose (account, idempotency key) is new, in the order given. An order that is missing from the
 * result has the key of an existing one, possibly of one in the same group.
 */
export async function insertOrders(db: Db, orders: readonly NewOrder[]): Promise<InsertResult> {
  const { opensAtMs, closesAtMs } = orders.reduce((window, order) => intersect(window, order.window), alwaysOpen);
  const isWithin = sql`(now() >= ${timeText(opensAtMs)}::timestamptz AND now() < ${timeText(closesAtMs)}::timestamptz)`;
  const column = <K extends Exclude<keyof NewOrder, "window">>(key: K) => sql`${orders.map((order) => order[key])}`;
  const terms = orders.map((order) => (order.terms === null ? null : JSON.stringify(order.terms)));
  const { rows } = await sql<{ atMs: number; isWithin: boolean; seqs: string | null; ids: string | null }>`
    WITH arrival_lock AS MATERIALIZED (
      ${takeArrivalLock}
    ), inserted AS (
      INSERT INTO orders (seq, id, account_id, event_id, ticket_type, quantity, strategy, customer_ref, idempotency_key,
                          fingerprint, terms)
      OVERRIDING SYSTEM VALUE
      SELECT o.seq, o.id, o.account_id, o.event_id, o.ticket_type, o.quantity, o.strategy, o.customer_ref,
             o.idempotency_key, decode(o.fingerprint, 'hex'), o.terms::jsonb
      FROM (
        SELECT nextval('orders_seq_seq') AS seq, given.*
        FROM (SELECT count(*) FROM arrival_lock) AS taken,
             unnest(${column("id")}::uuid[], ${column("accountId")}::int[], ${column("eventId")}::int[],
                    ${column("ticketType")}::text[], ${column("quantity")}::int[],
                    ${column("strategy")}::purchase_strategy[], ${column("customerRef")}::text[],
                    ${column("idempotencyKey")}::text[], ${column("fingerprint")}::text[], ${terms}::text[])
               AS given (id, account_id, event_id, ticket_type, quantity, strategy, customer_ref, idempotency_key,
                         fingerprint, terms)
        WHERE ${isWithin}
      ) AS o
      ORDER BY o.account_id, o.idempotency_key
      ON CONFLICT ON CONSTRAINT orders_idempotency DO NOTHING
      RETURNING id, seq
    )
    SELECT floor(extract(epoch FROM now()) * 1000)::float8 AS "atMs", ${isWithin} AS "isWithin",
           string_agg(seq::text, ',' ORDER BY seq) AS seqs,
           CASE WHEN count(*) < ${orders.length}::int THEN string_agg(id::text, ',' ORDER BY seq) END AS ids
    FROM inserted`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("PostgreSQL did not say what it inserted");
  const { atMs, seqs, ids } = row;
  if (!row.isWithin) return { kind: "outside", atMs };
  if (seqs === null) return { kind: "inserted", orders: [] };
  const createdAt = new Date(atMs);
  // The orders were numbered in the order given; when all were new, their ids are known from that.
  const insertedIds = ids?.split(",") ?? orders.map((order) => order.id);
  const inserted = seqs.split(",").map((seq, index) => {
    return { id: insertedIds[index] ?? "", seq: Number(seq), createdAt };
  });
  return { kind: "inserted", orders: inserted };
}

function timeText(timeMs: number): string {
  if (Number.isFinite(timeMs)) return new Date(timeMs).toISOString();
  return timeMs < 0 ? "-infinity" : "infinity";
}
