// Records late payments for the lane, and payments that have to be refunded. It is the last statement of a transaction
// that has locked the orders: a late payment takes the arrival lock, which holds back the decisions of the whole
// installation until the transaction ends, so nothing may be waited for after it. Indexes used: payments_by_order,
// payments_undecided_by_order, webhook_endpoints_by_account. A second run of a refund records nothing.
import { sql } from "kysely";
import { webhooksChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { takeArrivalLock } from "../orders/arrival-floor.ts";

type Payment = Readonly<{
  orderId: string;
  accountId: number;
  eventId: number;
  actor: string;
}>;

export type RefundToRecord = Payment & Readonly<{ reference: string }>;
export type LatePaymentToRecord = Payment & Readonly<{ reference: string | null }>;

/** Records payments of orders that cannot be confirmed, each reference of an order once, with its outbox row. */
export async function recordRefunds(tx: Db, refunds: readonly RefundToRecord[]): Promise<void> {
  const column = <K extends keyof RefundToRecord>(key: K) => sql`${refunds.map((row) => row[key])}`;
  await sql`
    WITH recorded AS (
      INSERT INTO payments (order_id, account_id, event_id, reference, actor, outcome, decided_at)
      SELECT given.*, 'refund-required', clock_timestamp()
      FROM unnest(${column("orderId")}::uuid[], ${column("accountId")}::int[], ${column("eventId")}::int[],
                  ${column("reference")}::text[], ${column("actor")}::text[]) AS given
      ON CONFLICT (order_id, reference) DO NOTHING
      RETURNING order_id, account_id, event_id, reference
    ), outbox_rows AS (
      INSERT INTO outbox (order_id, type, version, status, items, expires_at, payment_reference, detail)
      SELECT o.id, 'order.refund_required', o.version, o.status, o.items, o.expires_at, o.payment_reference,
             jsonb_build_object('paymentReference', recorded.reference)
      FROM recorded CROSS JOIN LATERAL (SELECT * FROM orders WHERE orders.id = recorded.order_id OFFSET 0) AS o
      WHERE EXISTS (
        SELECT FROM webhook_endpoints w
        WHERE w.account_id = recorded.account_id AND w.disabled_at IS NULL
          AND (w.event_id IS NULL OR w.event_id = recorded.event_id) AND 'order.refund_required' = ANY(w.types))
      RETURNING id
    )
    SELECT CASE WHEN EXISTS (SELECT FROM outbox_rows) THEN pg_notify(${webhooksChannel}, '') END`.execute(tx);
}

/**
 * Records late payments for the lane.
 *
 * @returns their numbers, in the order given
 */
export async function recordLatePayments(tx: Db, payments: readonly LatePaymentToRecord[]): Promise<number[]> {
  const column = <K extends keyof LatePaymentToRecord>(key: K) => sql`${payments.map((row) => row[key])}`;
  const { rows } = await sql<{ seq: number }>`
    WITH arrival_lock AS MATERIALIZED (
      ${takeArrivalLock}
    )
    INSERT INTO payments (seq, order_id, account_id, event_id, reference, actor)
    SELECT nextval('orders_seq_seq'), given.*
    FROM (SELECT count(*) FROM arrival_lock) AS locked,
         unnest(${column("orderId")}::uuid[], ${column("accountId")}::int[], ${column("eventId")}::int[],
                ${column("reference")}::text[], ${column("actor")}::text[]) AS given
    RETURNING seq`.execute(tx);
  return rows.map(({ seq }) => seq);
}
