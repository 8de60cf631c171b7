// Writes what the lane decided about late payments. It runs in the transaction of the batch, after write-decisions.ts
// has drawn the stock under the fence. Locks: the orders, which are EXPIRED and which nothing else changes; the
// payments. A payment that another worker has decided makes the statement fail with SQLSTATE OS001, and with it the
// batch. Indexes used: the primary keys of payments and orders, inventory_newest, webhook_endpoints_by_account.
import { sql } from "kysely";
import { changedChannel, changedPayloads, webhooksChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { takeTransitionLock } from "../transitions/transition-floor.ts";

export type LatePaymentDecision = Readonly<{
  paymentId: number;
  orderId: string;
  eventId: number;
  seq: number;
  isGranted: boolean;
  /** What it asks each counter for; of the pool `event`, also what its order uses of limits and codes. */
  draws: readonly Readonly<{ counter: string; quantity: number; detail: LatePaymentDetail | null }>[];
  /** Refused because it could not be decided; the ledger says so, and the audit's replay does not explain it. */
  hasFailed: boolean;
}>;

export type LatePaymentDetail = Readonly<{ ticketType: string; customer?: string; code?: number }>;

/**
 * @param tx must be inside the transaction of the batch
 * @throws an error that `classify` calls `stock-changed` when a payment or an order is no longer as it was read
 */
export async function writeLatePayments(tx: Db, decisions: readonly LatePaymentDecision[]): Promise<void> {
  const lines = decisions.flatMap(({ draws, ...decision }) => draws.map((draw) => ({ ...decision, ...draw })));
  const details = lines.map(({ detail }) => (detail === null ? null : JSON.stringify(detail)));
  const granted = decisions.filter(({ isGranted }) => isGranted);
  await sql`
    WITH decided AS (
      UPDATE payments p
      SET outcome = CASE WHEN decision.is_granted THEN 'confirmed' ELSE 'refund-required' END,
          decided_at = clock_timestamp()
      FROM unnest(${decisions.map(({ paymentId }) => paymentId)}::bigint[],
                  ${decisions.map(({ isGranted }) => isGranted)}::bool[]) AS decision (id, is_granted)
      WHERE p.id = decision.id AND p.outcome IS NULL
      RETURNING p.order_id, p.account_id, p.event_id, p.reference, p.actor, p.outcome
    ), confirmed AS (
      UPDATE orders o SET status = 'CONFIRMED', version = o.version + 1, payment_reference = decided.reference
      FROM decided
      WHERE o.id = decided.order_id AND o.status = 'EXPIRED' AND decided.outcome = 'confirmed'
      RETURNING o.id, o.account_id, o.event_id, o.version, o.items, o.expires_at, o.payment_reference,
                decided.actor
    ), transition_lock AS MATERIALIZED (
      ${takeTransitionLock}
    ), history_rows AS (
      INSERT INTO order_history (order_id, version, event_id, seq, at, from_status, to_status, actor, reason)
      SELECT id, version, event_id, nextval('orders_seq_seq'), clock_timestamp(), 'EXPIRED', 'CONFIRMED', actor,
             'late-payment'
      FROM (SELECT count(*) FROM transition_lock) AS locked, confirmed
    ), ledger_rows AS (
      INSERT INTO ledger (event_id, ticket_type, after_seq, cause, quantity, order_id, actor, reason, detail)
      SELECT line.event_id, line.counter, line.seq,
             CASE WHEN line.is_granted THEN 'late-payment' ELSE 'late-payment-refused' END, line.quantity,
             line.order_id, 'onsale', CASE WHEN line.has_failed THEN 'internal-error' END, line.detail::jsonb
      FROM unnest(${lines.map(({ eventId }) => eventId)}::int[], ${lines.map(({ counter }) => counter)}::text[],
                  ${lines.map(({ seq }) => seq)}::bigint[], ${lines.map(({ isGranted }) => isGranted)}::bool[],
                  ${lines.map(({ hasFailed }) => hasFailed)}::bool[],
                  ${lines.map(({ quantity }) => quantity)}::int[], ${lines.map(({ orderId }) => orderId)}::uuid[],
                  ${details}::text[])
             WITH ORDINALITY AS line (event_id, counter, seq, is_granted, has_failed, quantity, order_id, detail, place)
      ORDER BY line.place
    ), facts AS MATERIALIZED (
      SELECT id AS order_id, account_id, event_id, 'order.confirmed' AS type, version,
             'CONFIRMED'::order_status AS status, items, expires_at, payment_reference, NULL::jsonb AS detail
      FROM confirmed
      UNION ALL
      SELECT o.id, o.account_id, o.event_id, 'order.refund_required', o.version, o.status, o.items, o.expires_at,
             o.payment_reference, jsonb_build_object('paymentReference', decided.reference)
      FROM decided CROSS JOIN LATERAL (SELECT * FROM orders WHERE orders.id = decided.order_id OFFSET 0) AS o
      WHERE decided.outcome = 'refund-required' AND decided.reference IS NOT NULL
    ), outbox_rows AS (
      INSERT INTO outbox (order_id, type, version, status, items, expires_at, payment_reference, detail)
      SELECT order_id, type, version, status, items, expires_at, payment_reference, detail FROM facts
      WHERE EXISTS (
        SELECT FROM webhook_endpoints w
        WHERE w.account_id = facts.account_id AND w.disabled_at IS NULL
          AND (w.event_id IS NULL OR w.event_id = facts.event_id) AND facts.type = ANY(w.types))
      RETURNING id
    )
    SELECT CASE WHEN (SELECT count(*) FROM decided) <> ${decisions.length}::int
                  OR (SELECT count(*) FROM confirmed) <> ${granted.length}::int THEN raise_stock_changed() END,
           (SELECT count(pg_notify(${changedChannel}, payload))
            FROM unnest(${changedPayloads(decisions.map(({ orderId }) => orderId))}::text[]) AS payload),
           CASE WHEN EXISTS (SELECT FROM outbox_rows) THEN pg_notify(${webhooksChannel}, '') END`.execute(tx);
}
