// Writes transitions of orders whose rows the transaction has locked: the order, its hold, the tickets that it gives
// back, the payment that confirmed it, its history, its outbox row. No stock is written: the lane applies the returns
// (apply-returns.ts). Locks: the holds and places on waiting lists of the orders. Indexes used: the primary keys of
// orders, holds, waiting and events,
// payments_by_order, webhook_endpoints_by_account. An order's row is found by its place, which cannot change while it
// is locked: a plan that was made while the table was small began with all of its rows. A second run in the transaction
// finds other versions and fails.
import type { OrderStatus } from "@onsale/contracts/order";
import type { Line } from "@onsale/domain/decide";
import { sql } from "kysely";
import { webhooksChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { takeTransitionLock } from "./transition-floor.ts";

export type TransitionToWrite = Readonly<{
  orderId: string;
  accountId: number;
  eventId: number;
  /** The version before it. */
  version: number;
  atMs: number;
  from: OrderStatus;
  to: OrderStatus;
  /** What the order has after it. */
  items: readonly Line[];
  /** The tickets that it gives back. */
  returned: readonly Line[];
  expiresAtMs: number | null;
  paymentReference: string | null;
  actor: string;
  reason: string | null;
  /** Of a request with a key; `fingerprint` in hexadecimal. */
  idempotencyKey: string | null;
  fingerprint: string | null;
}>;

/** @param tx must be inside the transaction that locked the orders */
export async function writeTransitions(tx: Db, transitions: readonly TransitionToWrite[]): Promise<void> {
  const column = <K extends keyof TransitionToWrite>(key: K) => sql`${transitions.map((row) => row[key])}`;
  const json = (lines: readonly Line[]) => JSON.stringify(lines);
  const returned = transitions.flatMap(({ returned, ...row }) => returned.map((line) => ({ ...row, ...line })));
  const kept = transitions
    .filter(({ to }) => to === "HELD")
    .flatMap(({ items, ...row }) => items.map((line) => ({ ...row, ...line })));
  await sql`
    WITH change AS MATERIALIZED (
      SELECT * FROM unnest(
        ${column("orderId")}::uuid[], ${column("accountId")}::int[], ${column("eventId")}::int[],
        ${column("version")}::int[], ${column("atMs")}::float8[], ${column("from")}::order_status[],
        ${column("to")}::order_status[], ${transitions.map(({ items }) => json(items))}::text[],
        ${transitions.map(({ returned }) => json(returned))}::text[], ${column("expiresAtMs")}::float8[],
        ${column("paymentReference")}::text[], ${column("actor")}::text[], ${column("reason")}::text[],
        ${column("idempotencyKey")}::text[], ${column("fingerprint")}::text[])
        AS change (order_id, account_id, event_id, version, at_ms, from_status, to_status, items, returned,
                   expires_at_ms, payment_reference, actor, reason, idempotency_key, fingerprint)
    ), changed AS (
      UPDATE orders o
      SET status = change.to_status, version = o.version + 1,
          items = CASE WHEN change.returned = '[]' THEN o.items ELSE change.items::jsonb END,
          expires_at = CASE WHEN change.from_status = 'HELD' AND change.to_status = 'HELD'
                            THEN to_timestamp(change.expires_at_ms / 1000) ELSE o.expires_at END,
          payment_reference = change.payment_reference
      FROM change CROSS JOIN LATERAL (SELECT ctid FROM orders WHERE id = change.order_id OFFSET 0) AS locked
      WHERE o.ctid = locked.ctid AND o.version = change.version AND o.status = change.from_status
      RETURNING change.order_id, o.seq, change.account_id, change.event_id, o.version, change.at_ms, change.from_status,
                change.to_status, o.items, change.returned, o.expires_at, change.payment_reference, change.actor,
                change.reason, change.idempotency_key, change.fingerprint
    ), left_list AS (
      DELETE FROM waiting w USING changed
      WHERE changed.from_status = 'WAITING' AND changed.to_status <> 'WAITING'
        AND w.event_id = changed.event_id AND w.seq = changed.seq
      RETURNING w.order_id
    ), shortened AS (
      UPDATE waiting w SET lines = changed.items FROM changed
      WHERE changed.from_status = 'WAITING' AND changed.to_status = 'WAITING'
        AND w.event_id = changed.event_id AND w.seq = changed.seq
      RETURNING w.order_id
    ), claimed AS (
      DELETE FROM holds WHERE order_id = ANY(ARRAY(SELECT order_id FROM change WHERE from_status = 'HELD'))
      RETURNING order_id
    ), kept AS (
      INSERT INTO holds (order_id, ticket_type, event_id, quantity, expires_at)
      SELECT line.order_id, line.ticket_type, line.event_id, line.quantity, to_timestamp(line.expires_at_ms / 1000)
      FROM (SELECT count(*) FROM claimed) AS deleted,
           unnest(${kept.map(({ orderId }) => orderId)}::uuid[], ${kept.map(({ ticketType }) => ticketType)}::text[],
                  ${kept.map(({ eventId }) => eventId)}::int[], ${kept.map(({ quantity }) => quantity)}::int[],
                  ${kept.map(({ expiresAtMs }) => expiresAtMs)}::float8[])
             AS line (order_id, ticket_type, event_id, quantity, expires_at_ms)
    ), return_rows AS (
      INSERT INTO returns (event_id, order_id, ticket_type, quantity, actor, reason, is_stock, ends_line, ends_order)
      SELECT * FROM unnest(
        ${returned.map(({ eventId }) => eventId)}::int[], ${returned.map(({ orderId }) => orderId)}::uuid[],
        ${returned.map(({ ticketType }) => ticketType)}::text[], ${returned.map(({ quantity }) => quantity)}::int[],
        ${returned.map(({ actor }) => actor)}::text[], ${returned.map(({ reason }) => reason)}::text[],
        ${returned.map(({ from }) => from !== "WAITING")}::bool[], ${returned.map(endsLine)}::bool[],
        ${returned.map(endsOrder)}::bool[])
    ), payment_rows AS (
      INSERT INTO payments (order_id, account_id, event_id, reference, actor, outcome, decided_at)
      SELECT order_id, account_id, event_id, payment_reference, actor, 'confirmed', to_timestamp(at_ms / 1000)
      FROM change WHERE to_status = 'CONFIRMED' AND returned = '[]' AND payment_reference IS NOT NULL
      ON CONFLICT (order_id, reference) DO NOTHING
    ), transition_lock AS MATERIALIZED (
      ${takeTransitionLock}
    ), history_rows AS (
      INSERT INTO order_history (order_id, version, event_id, seq, at, from_status, to_status, actor, reason, items,
                                 idempotency_key, fingerprint)
      SELECT order_id, version, event_id, nextval('orders_seq_seq'), to_timestamp(at_ms / 1000), from_status, to_status,
             actor, reason,
             CASE WHEN returned <> '[]' AND to_status IN ('WAITING', 'HELD', 'CONFIRMED') THEN returned::jsonb END,
             idempotency_key, decode(fingerprint, 'hex')
      FROM (SELECT count(*) FROM transition_lock) AS locked, changed
    ), facts AS (
      SELECT order_id, account_id, event_id, version, to_status, items, expires_at, payment_reference,
             CASE WHEN returned <> '[]' AND to_status <> 'EXPIRED' THEN 'order.cancelled'
                  WHEN from_status <> to_status THEN 'order.' || lower(to_status::text) END AS type,
             CASE WHEN returned <> '[]' AND to_status <> 'EXPIRED'
                  THEN jsonb_build_object('cancelledItems', returned::jsonb,
                                          'wasConfirmed', from_status = 'CONFIRMED') END AS detail
      FROM changed
    ), outbox_rows AS (
      INSERT INTO outbox (order_id, type, version, status, items, expires_at, payment_reference, detail)
      SELECT order_id, type, version, to_status, items, expires_at, payment_reference, detail FROM facts
      WHERE type IS NOT NULL AND EXISTS (
        SELECT FROM webhook_endpoints w
        WHERE w.account_id = facts.account_id AND w.disabled_at IS NULL
          AND (w.event_id IS NULL OR w.event_id = facts.event_id) AND facts.type = ANY(w.types))
      RETURNING id
    )
    SELECT CASE WHEN (SELECT count(*) FROM changed) <> ${transitions.length}::int
                  OR (SELECT count(DISTINCT order_id) FROM claimed)
                     <> (SELECT count(*) FROM change WHERE from_status = 'HELD')
                  OR (SELECT count(*) FROM left_list) + (SELECT count(*) FROM shortened)
                     <> (SELECT count(*) FROM change WHERE from_status = 'WAITING') THEN raise_stock_changed() END,
           CASE WHEN EXISTS (SELECT FROM outbox_rows) THEN pg_notify(${webhooksChannel}, '') END`.execute(tx);
}

/** Whether an order that waits has no tickets of that type any more. */
function endsLine({ from, to, items, ticketType }: Returned): boolean {
  if (from !== "WAITING") return false;
  return to !== "WAITING" || !items.some((item) => item.ticketType === ticketType);
}

type Returned = Omit<TransitionToWrite, "returned"> & Line;

/** Marks one line of an order that ends: the use of its access code comes back once, with whatever line that is. */
function endsOrder({ orderId, to }: Returned, index: number, all: readonly Returned[]): boolean {
  const isEnded = to !== "HELD" && to !== "CONFIRMED" && to !== "WAITING";
  return isEnded && all[index + 1]?.orderId !== orderId;
}
