// What the database has of an event's orders, and whether all of it tells the same story: each transition counted once,
// and everything that was answered on disk.
import { strict as assert } from "node:assert";
import type { OrderStatus } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import type { Answered } from "./ask.ts";

/** A transition after the first decision; `returned` counts the tickets that came back while the order kept others. */
export type BookedTransition = Readonly<{
  version: number;
  from: OrderStatus;
  to: OrderStatus;
  returned: number | null;
  reason: string | null;
  key: string | null;
  /** Whether it was made before the hold's end. */
  isInTime: boolean | null;
}>;

export type OrderBook = Readonly<{
  id: string;
  status: OrderStatus;
  version: number;
  /** Tickets that were asked for. */
  requested: number;
  /** Tickets that it has; of a CANCELLED or EXPIRED order, what it had last. */
  quantity: number;
  paymentReference: string | null;
  history: readonly BookedTransition[];
  /** The outbox rows: type and version. */
  told: readonly string[];
  /** Tickets that came back, less those that a late payment took again, by the ledger. */
  returned: number;
  /** References of payments, with their outcomes. */
  payments: readonly string[];
}>;

/** The orders of an event, which have one line each, in the order of their arrival. */
export async function readBooks(db: Db, eventCode: string): Promise<readonly OrderBook[]> {
  const { rows } = await sql<OrderBook>`
    SELECT o.id, o.status, o.version, o.quantity AS requested, o.payment_reference AS "paymentReference",
           coalesce((o.items -> 0 ->> 'quantity')::int, o.quantity) AS quantity,
           coalesce((SELECT json_agg(json_build_object(
               'version', h.version, 'from', h.from_status, 'to', h.to_status, 'reason', h.reason,
               'returned', (h.items -> 0 ->> 'quantity')::int, 'key', h.idempotency_key,
               'isInTime', h.at < o.expires_at) ORDER BY h.version)
             FROM order_history h WHERE h.order_id = o.id), '[]') AS history,
           ARRAY(SELECT type || ' ' || version FROM outbox WHERE order_id = o.id ORDER BY 1) AS told,
           (SELECT coalesce(sum(CASE cause WHEN 'late-payment' THEN -quantity ELSE quantity END), 0)::int
            FROM ledger WHERE order_id = o.id AND cause IN ('return', 'expiry', 'late-payment')) AS returned,
           ARRAY(SELECT reference || ' ' || outcome FROM payments WHERE order_id = o.id ORDER BY 1) AS payments
    FROM orders o WHERE o.event_id = (SELECT id FROM events WHERE code = ${eventCode}) ORDER BY o.seq`.execute(db);
  return rows;
}

/** Tickets that came back and are not on sale yet. */
export async function countReturns(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) FROM returns`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Fails unless an order, its history, its webhooks and its tickets agree with each other and with all answers. */
export function assertConsistent(book: OrderBook, answers: readonly Answered[]): void {
  const states = statesOf(book);
  const last = states.at(-1);
  assert.deepEqual([last?.version, last?.status], [book.version, book.status]);
  assert.deepEqual(
    book.history.map(({ from }) => from),
    states.slice(0, -1).map(({ status }) => status),
    "each transition begins where the one before ended",
  );
  assert.deepEqual(book.told, toTell(book), "each transition has one outbox row");
  const has = book.status === "HELD" || book.status === "CONFIRMED" ? book.quantity : 0;
  const granted = book.status === "REJECTED" ? 0 : book.requested;
  assert.equal(has + book.returned, granted, "each ticket came back once");
  if (last?.status === "HELD" || last?.status === "CONFIRMED") assert.equal(book.quantity, last.quantity);

  for (const { ask, status, body } of answers) {
    if (status !== 200) continue;
    const then = states.find(({ version }) => version === body.version);
    assert.deepEqual([body.status, body.quantity], [then?.status, then?.quantity], `${ask.path} was answered`);
  }
}

/** The order after its first decision, and after each transition. */
function statesOf({ status, requested, history }: OrderBook) {
  const states = [{ version: 2, status: history[0]?.from ?? status, quantity: requested }];
  for (const { version, to, returned } of history) {
    const quantity = (states.at(-1)?.quantity ?? 0) - (returned ?? 0);
    assert.equal(version, (states.at(-1)?.version ?? 0) + 1, "no version is left out");
    states.push({ version, status: to, quantity });
  }
  return states;
}

/** The outbox rows that an order must have: type and version, sorted. */
function toTell(book: OrderBook): string[] {
  const { status, history, payments } = book;
  const typeOf = (to: OrderStatus) => `order.${to.toLowerCase()}`;
  const told = [`${typeOf(history[0]?.from ?? status)} 2`];
  for (const { version, from, to, returned } of history) {
    if (returned !== null) told.push(`order.cancelled ${version}`);
    else if (from !== to) told.push(`${typeOf(to)} ${version}`);
  }
  const refunds = payments.filter((payment) => payment.endsWith(" refund-required"));
  // A refund is told with the version that the order has then; no test changes an order after it.
  return [...told, ...refunds.map(() => `order.refund_required ${book.version}`)].sort();
}
