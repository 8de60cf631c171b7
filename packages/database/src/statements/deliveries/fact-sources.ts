// Where the facts of an event are found after they happened: first decisions in `orders`, later transitions in
// `order_history`, refunds in `payments`. Indexes used: orders_by_event, order_history_by_event, payments_refunds, and
// the primary key of order_history.
import { type RawBuilder, sql } from "kysely";
import { firstStatus } from "../orders/order-row.ts";

export const factSourceNames = ["orders", "history", "refunds"] as const;
export type FactSourceName = (typeof factSourceNames)[number];

type FactSource = Readonly<{
  /** Rows with `event_id` and a `seq` that rises with their time, within a minute. */
  rows: RawBuilder<unknown>;
  /** The column of `rows` with their time. */
  time: string;
  /**
   * A query of facts from `rows`: order_id, seq, version, type, at and detail. `type` is null for what is no fact.
   * `detail` has no `cancelledItems` when all tickets of the order were given back.
   */
  facts: RawBuilder<unknown>;
}>;

export const factSources: Readonly<Record<FactSourceName, FactSource>> = {
  orders: {
    rows: sql`orders`,
    time: "decided_at",
    facts: sql`
      SELECT orders.id AS order_id, orders.seq, 2 AS version,
             CASE (${firstStatus})::text WHEN 'WAITING' THEN 'order.waitlisted'
                  ELSE 'order.' || lower((${firstStatus})::text) END AS type, orders.decided_at AS at, NULL::jsonb AS detail, orders.event_id
      FROM orders`,
  },
  history: {
    rows: sql`order_history`,
    time: "at",
    // As write-transitions.ts and write-offers.ts name them.
    facts: sql`
      SELECT h.order_id, h.seq, h.version,
             CASE WHEN h.items IS NOT NULL THEN 'order.cancelled'
                  WHEN h.from_status = 'WAITING' AND h.to_status = 'HELD' THEN 'order.offered'
                  WHEN h.from_status <> h.to_status THEN 'order.' || lower(h.to_status::text) END AS type,
             h.at,
             CASE WHEN h.items IS NOT NULL OR h.to_status = 'CANCELLED'
                  THEN jsonb_strip_nulls(jsonb_build_object('cancelledItems', h.items,
                                                            'wasConfirmed', h.from_status = 'CONFIRMED'))
                  END AS detail,
             h.event_id
      FROM order_history h`,
  },
  refunds: {
    rows: sql`(SELECT id AS seq, event_id, decided_at FROM payments WHERE outcome = 'refund-required') AS refunds`,
    time: "decided_at",
    // The order's version at that moment is the last one before it, by the clock of the database.
    facts: sql`
      SELECT p.order_id, p.id AS seq,
             (SELECT coalesce(max(h.version), 2) FROM order_history h
              WHERE h.order_id = p.order_id AND h.at <= p.decided_at) AS version,
             'order.refund_required' AS type, p.decided_at AS at,
             jsonb_build_object('paymentReference', p.reference) AS detail, p.event_id
      FROM payments p WHERE p.outcome = 'refund-required' AND p.reference IS NOT NULL`,
  },
};
