// Offers tickets to orders that wait: they are HELD, with an expiry. One statement, in a transaction that has locked
// all counters of the event and read the waiting list after that. Locks: the orders; a gateway that cancels one of them
// has it first or later, and in the first case the statement fails with SQLSTATE OS001; also when a part was cancelled,
// and the order waits for less than was read. Indexes used: the primary keys of orders and waiting, inventory_newest,
// webhook_endpoints_by_account.
import type { Line } from "@onsale/domain/decide";
import { sql } from "kysely";
import { changedChannel, changedPayloads, webhooksChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { nextVersion, stockOf } from "../newest.ts";
import { takeTransitionLock } from "../transitions/transition-floor.ts";
import type { WaitingOrder } from "./read-waiting.ts";

/** A counter of the event; `quantity` tickets are taken from it, for `waiting` lines that wait no longer. */
export type OfferDraw = Readonly<{ counter: string; quantity: number; waiting: number }>;

export type Offers = Readonly<{
  eventId: number;
  offerSeconds: number;
  orders: readonly WaitingOrder[];
  draws: readonly OfferDraw[];
  due: OfferDue;
}>;

/**
 * Whether the waiting list has to be looked through after this: no more; still, because it was not looked through to
 * its end; or again from its beginning.
 */
export type OfferDue = "done" | "still" | "again";

/** @param tx must be inside the transaction that locked the event's counters */
export async function writeOffers(tx: Db, { eventId, offerSeconds, orders, draws, due }: Offers): Promise<void> {
  const lines = orders.flatMap(({ orderId, lines }) => lines.map((line) => ({ orderId, ...line })));
  const json = (own: readonly Line[]) => JSON.stringify(own);
  await sql`
    WITH stock AS (
      UPDATE inventory i
      SET allocated = i.allocated + draw.quantity, waiting = i.waiting - draw.waiting,
          offer_due_since = CASE WHEN i.ticket_type <> 'event' THEN NULL
                                 WHEN ${due}::text = 'still' THEN coalesce(i.offer_due_since, clock_timestamp())
                                 WHEN ${due}::text = 'again' THEN clock_timestamp() END,
          ${nextVersion(sql`i`)}
      FROM unnest(${draws.map(({ counter }) => counter)}::text[], ${draws.map(({ quantity }) => quantity)}::int[],
                  ${draws.map(({ waiting }) => waiting)}::int[]) AS draw (name, quantity, waiting)
      CROSS JOIN LATERAL ${stockOf(sql`ctid`, sql`${eventId}::int`, sql`draw.name`)} AS place
      WHERE i.ctid = place.ctid
      RETURNING i.ticket_type AS name, i.decided_seq
    ), left_list AS (
      DELETE FROM waiting w
      USING unnest(${orders.map(({ seq }) => seq)}::bigint[], ${orders.map((order) => json(order.lines))}::text[])
              AS given (seq, lines)
      WHERE w.event_id = ${eventId}::int AND w.seq = given.seq AND w.lines = given.lines::jsonb
      RETURNING w.seq
    ), offered AS (
      UPDATE orders o
      SET status = 'HELD', version = o.version + 1, items = given.lines::jsonb,
          expires_at = clock_timestamp() + ${offerSeconds}::int * interval '1 second'
      FROM unnest(${orders.map(({ orderId }) => orderId)}::uuid[], ${orders.map((order) => json(order.lines))}::text[])
             AS given (id, lines)
      WHERE o.id = given.id AND o.status = 'WAITING'
      RETURNING o.id, o.seq, o.account_id, o.event_id, o.version, o.items, o.expires_at
    ), hold_rows AS (
      INSERT INTO holds (order_id, ticket_type, event_id, quantity, expires_at)
      SELECT offered.id, line.ticket_type, offered.event_id, line.quantity, offered.expires_at
      FROM unnest(${lines.map(({ orderId }) => orderId)}::uuid[], ${lines.map(({ ticketType }) => ticketType)}::text[],
                  ${lines.map(({ quantity }) => quantity)}::int[]) AS line (order_id, ticket_type, quantity)
      JOIN offered ON offered.id = line.order_id
    ), ledger_rows AS (
      INSERT INTO ledger (event_id, ticket_type, after_seq, cause, quantity, order_id, actor, detail)
      SELECT ${eventId}::int, stock.name, stock.decided_seq, 'offer', line.quantity, line.order_id, 'onsale',
             CASE WHEN stock.name = 'event' THEN jsonb_build_object('ticketType', line.ticket_type, 'seq', offered.seq) END
      FROM unnest(${lines.map(({ orderId }) => orderId)}::uuid[], ${lines.map(({ ticketType }) => ticketType)}::text[],
                  ${lines.map(({ quantity }) => quantity)}::int[]) AS line (order_id, ticket_type, quantity)
      JOIN offered ON offered.id = line.order_id
      CROSS JOIN LATERAL ${stockOf(sql`pools`, sql`${eventId}::int`, sql`line.ticket_type`)} AS type
      CROSS JOIN LATERAL unnest(ARRAY[line.ticket_type] || coalesce(type.pools, '{}')) AS own (name)
      JOIN stock ON stock.name = own.name
      ORDER BY offered.seq
    ), transition_lock AS MATERIALIZED (
      ${takeTransitionLock}
    ), history_rows AS (
      INSERT INTO order_history (order_id, version, event_id, seq, at, from_status, to_status, actor, reason)
      SELECT id, version, event_id, nextval('orders_seq_seq'), clock_timestamp(), 'WAITING', 'HELD', 'onsale', 'offer'
      FROM (SELECT count(*) FROM transition_lock) AS locked, offered
      ORDER BY offered.seq
    ), outbox_rows AS (
      INSERT INTO outbox (order_id, type, version, status, items, expires_at)
      SELECT id, 'order.offered', version, 'HELD', items, expires_at FROM offered
      WHERE EXISTS (
        SELECT FROM webhook_endpoints w
        WHERE w.account_id = offered.account_id AND w.disabled_at IS NULL
          AND (w.event_id IS NULL OR w.event_id = offered.event_id) AND 'order.offered' = ANY(w.types))
      ORDER BY seq
      RETURNING id
    )
    SELECT CASE WHEN (SELECT count(*) FROM offered) <> ${orders.length}::int
                  OR (SELECT count(*) FROM left_list) <> ${orders.length}::int
                  OR (SELECT count(*) FROM stock) <> ${draws.length}::int THEN raise_stock_changed() END,
           (SELECT count(pg_notify(${changedChannel}, payload))
            FROM unnest(${changedPayloads(orders.map(({ orderId }) => orderId))}::text[]) AS payload),
           CASE WHEN EXISTS (SELECT FROM outbox_rows) THEN pg_notify(${webhooksChannel}, '') END`.execute(tx);
}
