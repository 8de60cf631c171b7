// Puts tickets on sale again: those of holds that have expired, and those that cancelled orders gave back; and with
// them what the orders had of pools, limits per customer and access codes. All or nothing; the worker runs it before a
// batch.
//
// Of events with rules, the pool `event` is locked by a statement of its own before, so that the next one sees the
// customers' counters as they are then.
//
// Locks, in this order: the pools `event`; a turn for each bucket, tried and never waited for, so that two workers do
// not do the same work; the orders whose hold has expired, skipping those that a gateway confirms, cancels or extends
// at this moment; their holds; the returns; the inventory rows; customers' counters and codes. An expired order is
// locked before its hold is deleted, as everywhere, so who commits first wins. Batches lock stock before orders:
// PENDING and EXPIRED ones, which are not locked here, and earlier orders of a customer whom they count for the first
// time (write-rules.ts), which may be HELD. These have an event with rules, so the batch waits for its pool `event`
// first. Only when such a hold falls due after that pool was not locked, because nothing of its event was due then, can
// there be a deadlock, 40P01, and the round is run again.
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
import { crashAt } from "@onsale/lifecycle/failpoints";
import { type RawBuilder, sql } from "kysely";
import { changedChannel, webhooksChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { inTransaction } from "../../in-transaction.ts";
import { lockedStockOf, nextVersion, stockOf } from "../newest.ts";
import { takeTransitionLock } from "../transitions/transition-floor.ts";

/** The first part of the lock's key; relay-outbox.ts and take-audit-turn.ts have others. The second is the bucket. */
export const returnsLockClass = 0x4f52;

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
 * @param onlyEventId leaves out all other events
 */
export async function applyReturns(
  db: Db,
  buckets: readonly number[],
  firstOrderIds: readonly string[] = [],
  onlyEventId: number | null = null,
): Promise<Returned> {
  const isChosen = sql`(${onlyEventId}::int IS NULL OR event_id = ${onlyEventId}::int)`;
  const chosen = { buckets: [...new Set(buckets)], firstOrderIds, isChosen };
  return await inTransaction(db, async (tx) => {
    const returned = await applyDue(tx, chosen, await lockRuledEvents(tx, chosen));
    crashAt("return.before-commit");
    return returned;
  });
}

type Chosen = Readonly<{
  buckets: readonly number[];
  firstOrderIds: readonly string[];
  /** A condition for rows with an `event_id`. */
  isChosen: RawBuilder<unknown>;
}>;

/** Locks the pools `event` of the events with something to apply, in the order in which batches do. */
async function lockRuledEvents(tx: Db, { buckets, firstOrderIds, isChosen }: Chosen): Promise<readonly number[]> {
  const { rows } = await sql<{ eventId: number }>`
    SELECT due.event_id AS "eventId" FROM (
      SELECT event_id FROM (
        SELECT hold.event_id FROM unnest(${buckets}::int[]) AS bucket CROSS JOIN LATERAL (
          SELECT event_id FROM holds
          WHERE event_id & 63 = bucket AND expires_at <= statement_timestamp() AND ${isChosen}
          ORDER BY event_id & 63, expires_at LIMIT ${returnsCountMax}::int
        ) AS hold
        UNION
        SELECT own.event_id FROM unnest(${buckets}::int[]) AS bucket CROSS JOIN LATERAL (
          SELECT event_id FROM returns WHERE event_id & 63 = bucket AND ${isChosen}
          ORDER BY event_id & 63, id LIMIT ${returnsCountMax}::int
        ) AS own
        UNION
        SELECT first.event_id FROM unnest(${firstOrderIds}::uuid[]) AS wanted (order_id)
        CROSS JOIN LATERAL (
          SELECT event_id FROM orders WHERE id = wanted.order_id AND ${isChosen} OFFSET 0
        ) AS first
      ) AS events ORDER BY event_id
    ) AS due
    CROSS JOIN LATERAL ${lockedStockOf(sql`version`, sql`due.event_id`, sql`'event'`)} AS pool`.execute(tx);
  return rows.map(({ eventId }) => eventId);
}

async function applyDue(
  tx: Db,
  { buckets, firstOrderIds, isChosen }: Chosen,
  ruledIds: readonly number[],
): Promise<Returned> {
  const { rows } = await sql<Returned>`
    WITH turn AS MATERIALIZED (
      SELECT bucket FROM unnest(${buckets}::int[]) AS bucket
      WHERE pg_try_advisory_xact_lock(${returnsLockClass}::int, bucket)
    ), due AS MATERIALIZED (
      SELECT hold.order_id FROM turn CROSS JOIN LATERAL (
        SELECT order_id, expires_at FROM holds
        WHERE event_id & 63 = turn.bucket AND expires_at <= statement_timestamp() AND ${isChosen}
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
          SELECT id FROM returns WHERE event_id & 63 = turn.bucket AND ${isChosen}
          ORDER BY event_id & 63, id LIMIT ${returnsCountMax}::int
        ) AS own
        ORDER BY own.id LIMIT ${returnsCountMax}::int
      ) || ARRAY(
        SELECT own.id FROM turn CROSS JOIN unnest(${firstOrderIds}::uuid[]) AS first (order_id) CROSS JOIN LATERAL (
          SELECT id FROM returns
          WHERE event_id & 63 = turn.bucket AND returns.order_id = first.order_id AND ${isChosen} OFFSET 0
        ) AS own))
      RETURNING id, order_id, event_id, ticket_type, quantity, actor, reason, is_stock, ends_line, ends_order
    ), given_back AS MATERIALIZED (
      SELECT NULL::bigint AS id, order_id, event_id, ticket_type, quantity, 'expiry' AS cause, 'onsale' AS actor,
             NULL AS reason, true AS is_stock, false AS ends_line, true AS ends_order
      FROM claimed
      UNION ALL
      SELECT id, order_id, event_id, ticket_type, quantity, 'return', actor, reason, is_stock, ends_line, ends_order
      FROM taken
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
    ), sums AS MATERIALIZED (
      SELECT back.*, stock.pools FROM (
        SELECT event_id, ticket_type, coalesce(sum(quantity) FILTER (WHERE is_stock), 0)::int AS quantity,
               (count(*) FILTER (WHERE ends_line))::int AS waiting
        FROM given_back GROUP BY event_id, ticket_type
      ) AS back
      CROSS JOIN LATERAL ${stockOf(sql`pools`, sql`back.event_id`, sql`back.ticket_type`)} AS stock
    ), stock AS (
      UPDATE inventory i
      SET allocated = i.allocated - counter.quantity, waiting = i.waiting - counter.waiting,
          offer_due_since = CASE WHEN i.ticket_type = 'event' THEN coalesce(i.offer_due_since, clock_timestamp()) END,
          ${nextVersion(sql`i`)}
      FROM written, (
        SELECT event_id, name, sum(quantity)::int AS quantity, sum(waiting)::int AS waiting
        FROM sums CROSS JOIN LATERAL unnest(ARRAY[ticket_type] || coalesce(pools, '{}')) AS name
        GROUP BY event_id, name ORDER BY name <> 'event', event_id, name COLLATE "C"
      ) AS counter
      CROSS JOIN LATERAL ${stockOf(sql`generation`, sql`counter.event_id`, sql`counter.name`)} AS newest
      WHERE i.event_id::bigint = counter.event_id AND i.ticket_type || '' = counter.name
        AND i.generation >= newest.generation
      RETURNING i.event_id, i.ticket_type AS name, i.decided_seq
    ), ruled AS MATERIALIZED (
      SELECT g.*, coalesce(o.customer, decode(o.terms ->> 'customer', 'hex')) AS customer,
             CASE WHEN g.ends_order AND row_number() OVER (PARTITION BY g.order_id, g.ends_order ORDER BY g.ticket_type) = 1
                  THEN (o.terms ->> 'code')::bigint END AS code_id
      FROM (SELECT count(*) FROM stock) AS locked, given_back g
      CROSS JOIN LATERAL (SELECT customer, terms FROM orders WHERE orders.id = g.order_id OFFSET 0) AS o
      WHERE g.event_id = ANY(${ruledIds}::int[])
    ), customer_rows AS (
      UPDATE customer_counters c SET used = c.used - back.quantity
      FROM (
        SELECT event_id, customer, scope, sum(quantity)::int AS quantity
        FROM ruled CROSS JOIN LATERAL unnest(ARRAY['', ticket_type]) AS scope
        WHERE customer IS NOT NULL GROUP BY event_id, customer, scope
      ) AS back
      WHERE c.event_id = back.event_id AND c.customer = back.customer AND c.ticket_type = back.scope
    ), code_rows AS (
      UPDATE access_codes a SET used = a.used - back.count
      FROM (SELECT code_id, count(*)::int AS count FROM ruled WHERE code_id IS NOT NULL GROUP BY code_id) AS back
      WHERE a.id = back.code_id
    ), ledger_rows AS (
      INSERT INTO ledger (event_id, ticket_type, after_seq, cause, quantity, order_id, actor, reason)
      SELECT g.event_id, stock.name, stock.decided_seq, g.cause, g.quantity, g.order_id, g.actor, g.reason
      FROM given_back g JOIN sums USING (event_id, ticket_type)
      CROSS JOIN LATERAL unnest(ARRAY[g.ticket_type] || array_remove(coalesce(sums.pools, '{}'), 'event')) AS name
      JOIN stock ON stock.event_id = g.event_id AND stock.name = name.name
      WHERE g.is_stock
      ORDER BY g.id
      RETURNING id
    ), ruled_rows AS (
      INSERT INTO ledger (event_id, ticket_type, after_seq, cause, quantity, order_id, actor, reason, detail)
      SELECT g.event_id, 'event', stock.decided_seq, g.cause, CASE WHEN g.is_stock THEN g.quantity ELSE 0 END,
             g.order_id, g.actor, g.reason,
             jsonb_strip_nulls(jsonb_build_object(
               'ticketType', g.ticket_type, 'quantity', g.quantity, 'customer', encode(g.customer, 'hex'),
               'code', g.code_id, 'leftWaiting', CASE WHEN g.ends_line THEN true END))
      FROM ruled g JOIN stock ON stock.event_id = g.event_id AND stock.name = 'event'
      ORDER BY g.id
    )
    SELECT (SELECT count(*) FROM expired) AS "expiredCount",
           (SELECT count(*) FROM taken) AS "returnedCount",
           (SELECT coalesce(sum(quantity), 0) FROM given_back WHERE is_stock) AS "ticketCount",
           greatest((SELECT count(*) FROM due), (SELECT count(*) FROM taken)) >= ${returnsCountMax}::int AS "hasMore",
           CASE WHEN (SELECT count(*) FROM ledger_rows) < (SELECT count(*) FROM given_back WHERE is_stock)
                  OR EXISTS (SELECT FROM sums WHERE pools IS NOT NULL AND event_id <> ALL(${ruledIds}::int[]))
                THEN raise_stock_changed() END,
           (SELECT count(pg_notify(${changedChannel}, ids)) FROM (
              SELECT string_agg(replace(id::text, '-', ''), '') AS ids
              FROM (SELECT id, (row_number() OVER () - 1) / 240 AS payload FROM expired) AS counted
              GROUP BY payload) AS payloads),
           CASE WHEN EXISTS (SELECT FROM outbox_rows) THEN pg_notify(${webhooksChannel}, '') END`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error("an aggregate returned no row");
  return row;
}
