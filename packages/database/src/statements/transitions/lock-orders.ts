// Locks orders for a transition, and reads them as they are then. Locks: the orders' rows, by rising id, so that two
// groups with the same orders cannot deadlock, until the transaction ends. A group leaves out the orders that another
// transaction has locked, so that one order does not hold up the others; an order alone is waited for. The second
// statement begins after the locks are held, so it sees what the transaction before has committed, and its clock is the
// one that judges holds. Indexes used: the primary keys of orders and order_history, order_history_idempotency,
// payments_by_order. `OFFSET 0` keeps PostgreSQL from reading all of order_history for each group, to look the orders
// up in it: it did so when the statement was planned while the table was small.

import type { OrderStatus } from "@onsale/contracts/order";
import { type OrderTerms, requestedLines } from "@onsale/contracts/present-order";
import type { Line } from "@onsale/domain/decide";
import type { OrderState } from "@onsale/domain/transitions";
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** An earlier request of an order that had an idempotency key; `fingerprint` in hexadecimal. */
export type KeyedTransition = Readonly<{ key: string; fingerprint: string }>;

export type LockedOrder = Readonly<{
  id: string;
  isLocked: boolean;
  accountId: number;
  eventId: number;
  version: number;
  /** When it got its first decision, in milliseconds since 1970; null while it has none. */
  decidedAtMs: number | null;
  state: OrderState;
  keyed: readonly KeyedTransition[];
  /** PostgreSQL's time when it was read, in milliseconds since 1970. */
  nowMs: number;
}>;

type Row = Omit<LockedOrder, "state" | "isLocked"> &
  Omit<OrderState, "items"> &
  Readonly<{
    status: OrderStatus;
    ticketType: string | null;
    quantity: number;
    terms: OrderTerms | null;
    items: readonly Line[] | null;
  }>;

/**
 * The orders with these ids that exist; `isLocked` is false for those that another transaction has locked.
 *
 * @param tx must be inside a transaction
 */
export async function lockOrders(tx: Db, ids: readonly string[]): Promise<LockedOrder[]> {
  const isAlone = ids.length === 1;
  const { rows: locked } = await sql<{ id: string }>`
    SELECT id FROM orders WHERE id = ANY(${ids}::uuid[])
    ORDER BY id FOR UPDATE ${isAlone ? sql`` : sql`SKIP LOCKED`}`.execute(tx);
  const lockedIds = new Set(locked.map(({ id }) => id));
  const { rows } = await sql<Row>`
    SELECT id, account_id AS "accountId", event_id AS "eventId", version, status, ticket_type AS "ticketType", quantity,
           terms, items, (extract(epoch FROM expires_at) * 1000)::float8 AS "expiresAtMs",
           payment_reference AS "paymentReference",
           (extract(epoch FROM decided_at) * 1000)::float8 AS "decidedAtMs",
           EXISTS (SELECT FROM order_history h
                   WHERE h.order_id = orders.id AND h.from_status = 'HELD' AND h.to_status = 'HELD'
                     AND h.items IS NULL
                   OFFSET 0) AS "wasExtended",
           coalesce((SELECT json_agg(json_build_object('reference', p.reference, 'outcome', p.outcome))
                     FROM payments p WHERE p.order_id = orders.id), '[]') AS payments,
           coalesce((SELECT json_agg(json_build_object('key', h.idempotency_key,
                                                       'fingerprint', encode(h.fingerprint, 'hex')))
                     FROM order_history h
                     WHERE h.order_id = orders.id AND h.idempotency_key IS NOT NULL), '[]') AS keyed,
           (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"
    FROM orders WHERE id = ANY(${ids}::uuid[])`.execute(tx);
  return rows.map(({ id, accountId, eventId, version, decidedAtMs, keyed, nowMs, ...row }) => {
    const { status, expiresAtMs, wasExtended, paymentReference, payments } = row;
    const items = row.items ?? requestedLines(row);
    return {
      id,
      accountId,
      eventId,
      version,
      decidedAtMs,
      keyed,
      nowMs,
      isLocked: lockedIds.has(id),
      state: { status, items, expiresAtMs, wasExtended, paymentReference, payments },
    };
  });
}
