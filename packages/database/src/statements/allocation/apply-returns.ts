// Puts tickets on sale again: those of holds that have expired, and those that cancelled orders gave back. One
// statement, all or nothing; the worker runs it before a batch.
//
// Locks, in this order: a turn for each bucket, tried and never waited for, so that two workers do not do the same
// work; the orders whose hold has expired, skipping those that a gateway confirms, cancels or extends at this moment;
// their holds; the returns; the inventory rows. An expired order is locked before its hold is deleted, as everywhere,
// so who commits first wins. Batches lock stock before orders, but only PENDING and EXPIRED orders, which are not
// locked here.
//
// A batch that wants the same stock waits for the lock of its row and is then decided again, so the row is locked as
// late as possible: everything but the ledger is written before (`written`).
//
// Each ledger row gets the `decided_seq` of its ticket type from the update of the stock itself, so it is exact even
// when a batch was committed while this statement waited for the row. Therefore the stock is found by its key and not
// by its place, which the batch has changed then.
//
// A hold is due by `statement_timestamp()`, and that moment is the time of the transition. So it is never before the
// hold's expiry, nor before an earlier transition of the order, which was judged while the hold had not expired.
//
// Indexes used: holds_due, returns_by_bucket, inventory_newest, the primary keys of orders and holds,
// webhook_endpoints_by_account. A second run finds nothing due.
import { sql } from "kysely";
import { changedChannel, webhooksChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";
import { nextVersion, stockOf } from "../newest.ts";
import { takeTransitionLock } from "../orders/transition-floor.ts";

/** The first part of the lock's key; relay-outbox.ts and take-audit-turn.ts have others. The second is the bucket. */
const lockClass = 0x4f52;

/**
 * Holds and returns of one call at most. Batches wait for the stock meanwhile: while 100,000 holds expired, decisions
 * came within 63 ms (p99) with 2,000 and 59 with 250, where they took 20 and 30 alone (docs/performance.md).
 */
export const returnsCountMax = 250;

export type Returned = Readonly<{
  /** Orders that have expired. */
  expiredCount: number;
  /** Returns that were applied. */
  returnedCount: number;
  /** Tickets that are on sale again. */
  ticketCount: number;
  /** Whether there may be more: a basket has several holds, and an order that a gateway has locked was skipped. */
  hasMore: boolean;
}>;

/**
 * @param buckets whose returns and due holds are applied, the oldest first
 * @param firstOrderIds orders whose returns are applied in any case, however many others there are
 */
export async function applyReturns(
  db: Db,
  buckets: readonly number[],
  firstOrderIds: readonly string[] = [],
): Promise<Returned> {
  const { rows } = await sql<Returned>`
    WITH turn AS MATERIALIZED (
      SELECT bucket FROM unnest(${[...new Set(buckets)]}::int[]) AS bucket
      WHERE pg_try_advisory_xact_lock(${lockClass}::int, bucket)
    ), due AS MATERIALIZED (
      SELECT hold.order_id FROM turn CROSS JOIN LATERAL (
        SELECT order_id, expires_at FROM holds
        WHERE event_id & 63 = turn.bucket AND expires_at <= statement_timestamp()
        ORDER BY event_id & 63, expires_at LIMIT ${returnsCountMax}::int
      ) AS hold
      ORDER BY hold.expires_at LIMIT ${returnsCountMax}::int
    ), expiring AS MATERIALIZED (
      SELECT id FROM orders
      WHERE id = ANY(ARRAY(SELECT order_id FROM due)) AND status = 'HELD' AND expires_at <= statement_timestamp()
      ORDER BY id FOR UPDATE SKIP LOCKED
    ), claimed AS (
      DELETE FROM holds WHERE order_id = ANY(ARRAY(SELECT id FROM expiring))
      RETURNING order_id, event_id, ticket_type, quantity
    ), taken AS (
      DELETE FROM returns WHERE id = ANY(ARRAY(
        SELECT own.id FROM turn CROSS JOIN LATERAL (
          SELECT id FROM returns WHERE event_id & 63 = turn.bucket
          ORDER BY event_id & 63, id LIMIT ${returnsCountMax}::int
        ) AS own
        ORDER BY own.id LIMIT ${returnsCountMax}::int
      ) || ARRAY(
        SELECT own.id FROM turn CROSS JOIN unnest(${firstOrderIds}::uuid[]) AS first (order_id) CROSS JOIN LATERAL (
          SELECT id FROM returns WHERE event_id & 63 = turn.bucket AND returns.order_id = first.order_id OFFSET 0
        ) AS own))
      RETURNING id, order_id, event_id, ticket_type, quantity, actor, reason
    ), given_back AS MATERIALIZED (
      SELECT NULL::bigint AS id, order_id, event_id, ticket_type, quantity, 'expiry' AS cause, 'onsale' AS actor,
             NULL AS reason
      FROM claimed
      UNION ALL
      SELECT id, order_id, event_id, ticket_type, quantity, 'return', actor, reason FROM taken
    ), expired AS (
      UPDATE orders o SET status = 'EXPIRED', version = o.version + 1
      WHERE o.id = ANY(ARRAY(SELECT order_id FROM claimed))
      RETURNING o.id, o.account_id, o.event_id, o.version, o.items, o.expires_at
    ), transition_lock AS MATERIALIZED (
      ${takeTransitionLock}
    ), numbered AS MATERIALIZED (
      SELECT nextval('orders_seq_seq') AS seq, expired.* FROM (SELECT count(*) FROM transition_lock) AS locked, expired
    ), history_rows AS (
      INSERT INTO order_history (order_id, version, event_id, seq, at, from_status, to_status, actor)
      SELECT id, version, event_id, seq, statement_timestamp(), 'HELD', 'EXPIRED', 'onsale' FROM numbered
      RETURNING seq
    ), outbox_rows AS (
      INSERT INTO outbox (order_id, type, version, status, items, expires_at)
      SELECT id, 'order.expired', version, 'EXPIRED', items, expires_at FROM numbered
      WHERE EXISTS (
        SELECT FROM webhook_endpoints w
        WHERE w.account_id = numbered.account_id AND w.disabled_at IS NULL
          AND (w.event_id IS NULL OR w.event_id = numbered.event_id) AND 'order.expired' = ANY(w.types))
      ORDER BY seq
      RETURNING id
    ), written AS MATERIALIZED (
      SELECT (SELECT count(*) FROM history_rows), (SELECT count(*) FROM outbox_rows)
    ), stock AS (
      UPDATE inventory i
      SET allocated = i.allocated - sums.quantity, ${nextVersion(sql`i`)}
      FROM written, (
        SELECT event_id, ticket_type, sum(quantity)::int AS quantity FROM given_back
        GROUP BY event_id, ticket_type ORDER BY event_id, ticket_type COLLATE "C"
      ) AS sums
      CROSS JOIN LATERAL ${stockOf(sql`generation`, sql`sums.event_id`, sql`sums.ticket_type`)} AS newest
      WHERE i.event_id::bigint = sums.event_id AND i.ticket_type || '' = sums.ticket_type
        AND i.generation >= newest.generation
      RETURNING i.event_id, i.ticket_type, i.decided_seq
    ), ledger_rows AS (
      INSERT INTO ledger (event_id, ticket_type, after_seq, cause, quantity, order_id, actor, reason)
      SELECT event_id, ticket_type, stock.decided_seq, g.cause, g.quantity, g.order_id, g.actor, g.reason
      FROM given_back g JOIN stock USING (event_id, ticket_type)
      ORDER BY g.id
      RETURNING id
    )
    SELECT (SELECT count(*) FROM expired) AS "expiredCount",
           (SELECT count(*) FROM taken) AS "returnedCount",
           (SELECT coalesce(sum(quantity), 0) FROM given_back) AS "ticketCount",
           greatest((SELECT count(*) FROM due), (SELECT count(*) FROM taken)) >= ${returnsCountMax}::int AS "hasMore",
           CASE WHEN (SELECT count(*) FROM ledger_rows) <> (SELECT count(*) FROM given_back)
                THEN raise_stock_changed() END,
           (SELECT count(pg_notify(${changedChannel}, ids)) FROM (
              SELECT string_agg(replace(id::text, '-', ''), '') AS ids
              FROM (SELECT id, (row_number() OVER () - 1) / 240 AS payload FROM expired) AS counted
              GROUP BY payload) AS payloads),
           CASE WHEN EXISTS (SELECT FROM outbox_rows) THEN pg_notify(${webhooksChannel}, '') END`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("an aggregate returned no row");
  return row;
}
