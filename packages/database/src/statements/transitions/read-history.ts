// Reads the transitions of orders: of one order, or of an event in an order that never changes and misses nothing. No
// locks. Indexes used: the primary keys of orders and order_history; order_history_by_event, orders_by_event,
// buckets_newest.
//
// A first decision writes no history row: it follows from the order. It has the order's own number, and every later
// transition a number of the same sequence, so a page is a merge of two index scans. It ends at the transition floor,
// and at the first order of the event without a decision, because earlier transitions may still appear beyond them.
import type { OrderStatus } from "@onsale/contracts/order";
import type { Line } from "@onsale/domain/decide";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { decidedHorizon, readNumberFloor } from "../orders/decided-horizon.ts";
import { firstStatus } from "../orders/order-row.ts";

export type TransitionRow = Readonly<{
  orderId: string;
  /** Its number in the orders' sequence. */
  seq: number;
  at: Date;
  from: OrderStatus;
  to: OrderStatus;
  /** The order's version after it. */
  version: number;
  actor: string;
  reason: string | null;
  /** The tickets that were given back, when the order kept others. */
  items: readonly Line[] | null;
}>;

const firstDecision = sql`orders.id AS "orderId", orders.seq, orders.decided_at AS at, 'PENDING' AS "from",
      (${firstStatus})::text AS "to", 2 AS version, 'onsale' AS actor, orders.reason_code AS reason,
      NULL::jsonb AS items`;

const laterTransition = sql`h.order_id, h.seq, h.at, h.from_status::text, h.to_status::text, h.version, h.actor,
      h.reason, h.items`;

/** The transitions of an order, the oldest first; empty while it has no decision. */
export async function readHistory(db: Db, orderId: string): Promise<TransitionRow[]> {
  const { rows } = await sql<TransitionRow>`
    SELECT * FROM (
      SELECT ${firstDecision} FROM orders WHERE id = ${orderId}::uuid AND decided_at IS NOT NULL
      UNION ALL
      SELECT ${laterTransition} FROM order_history h WHERE h.order_id = ${orderId}::uuid
    ) AS transitions ORDER BY version`.execute(db);
  return rows;
}

/** Transitions of an event, by rising number. */
export type ChangePage = Readonly<{
  transitions: readonly TransitionRow[];
  /** Where the next page begins: it has what comes after this number. */
  through: number;
}>;

/**
 * The transitions of an event after a number. What is read once is never preceded by something new.
 *
 * @param after the `through` of the page before, or 0
 */
export async function readChanges(db: Db, eventId: number, after: number, countMax: number): Promise<ChangePage> {
  const floor = await readNumberFloor(db);
  const { rows } = await sql<TransitionRow & { horizon: number }>`
    WITH horizon AS MATERIALIZED (
      SELECT ${decidedHorizon(eventId, floor)} AS seq
    )
    SELECT transitions.*, horizon.seq AS horizon FROM horizon LEFT JOIN LATERAL (
      SELECT * FROM (
        (SELECT ${firstDecision} FROM orders
         WHERE event_id = ${eventId}::int AND seq > ${after}::bigint AND seq <= horizon.seq
         ORDER BY event_id, seq LIMIT ${countMax}::int)
        UNION ALL
        (SELECT ${laterTransition} FROM order_history h
         WHERE h.event_id = ${eventId}::int AND h.seq > ${after}::bigint AND h.seq <= horizon.seq
         ORDER BY h.event_id, h.seq LIMIT ${countMax}::int)
      ) AS merged ORDER BY seq LIMIT ${countMax}::int
    ) AS transitions ON true
    ORDER BY transitions.seq`.execute(db);
  const transitions = rows.filter(({ orderId }) => orderId !== null).map(({ horizon: _, ...row }) => row);
  const horizon = rows[0]?.horizon ?? after;
  const isFull = transitions.length >= countMax;
  return { transitions, through: isFull ? (transitions.at(-1)?.seq ?? after) : Math.max(after, horizon) };
}
