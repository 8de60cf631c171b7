// Finds rows of `inventory` and `buckets`, which every batch rewrites. While somebody holds an old snapshot, vacuum
// keeps all their versions, and a look-up by primary key walks through them: after 180,000 batches it took 5 ms. Their
// generation rises with every 64th version, and an index has the newest one first, so these look-ups pass 64 versions
// at most (docs/decisions/0015-generations.md). Conditions have the form of the indexes' expressions, which rules out
// the primary key. LIMIT also keeps the planner from beginning a join with these tables.
import { type RawBuilder, sql } from "kysely";

/**
 * What an UPDATE of either table sets, so that the row has a new version.
 *
 * @param row the table or its alias
 */
export function nextVersion(row: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`version = ${row}.version + 1, generation = (${row}.version + 1) >> 6`;
}

/**
 * A subquery with the stock of a ticket type: one row or none.
 *
 * @param columns of `inventory`
 * @param eventId an expression for the event's id
 * @param ticketType an expression for the ticket type
 */
export function stockOf(
  columns: RawBuilder<unknown>,
  eventId: RawBuilder<unknown>,
  ticketType: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`(SELECT ${columns} FROM inventory
      WHERE event_id::bigint = ${eventId} AND ticket_type || '' = ${ticketType} ORDER BY generation DESC LIMIT 1)`;
}

/** As `stockOf`, and locks the row until the transaction ends. */
export function lockedStockOf(...parts: Parameters<typeof stockOf>): RawBuilder<unknown> {
  const [columns, eventId, ticketType] = parts;
  return sql`(SELECT ${columns} FROM inventory
      WHERE event_id::bigint = ${eventId} AND ticket_type || '' = ${ticketType}
      ORDER BY generation DESC LIMIT 1 FOR UPDATE)`;
}

/** Names of pools begin with a small letter, those of ticket types come before these (packages/domain/src/rules.ts). */
const firstPool = sql`'a'`;

/**
 * A subquery with the stock of all ticket types of an event, by ticket type.
 *
 * @param eventId an expression for the event's id
 */
export function stockOfEvent(eventId: RawBuilder<unknown>): RawBuilder<unknown> {
  const first = sql`(
          SELECT ${counterColumns} FROM inventory
          WHERE event_id::bigint = ${eventId} ORDER BY ticket_type || '', generation DESC LIMIT 1)`;
  return countersFrom(first, sql`< ${firstPool}`);
}

/**
 * As `stockOfEvent`, for the pools of an event; `ticket_type` is the name of the counter. The pool `event` is the first
 * one, and an event without it has none.
 */
export function poolsOfEvent(eventId: RawBuilder<unknown>): RawBuilder<unknown> {
  return countersFrom(stockOf(counterColumns, eventId, sql`'event'`), sql`>= ${firstPool}`);
}

const counterColumns = sql`event_id, ticket_type, total, allocated, version, decided_seq, price_amount, price_currency,
                 sales_start, sales_end, max_per_order, max_per_customer, is_hidden, pools, waiting`;

/**
 * Jumps from one counter to the next, because the index has the versions of one before those of the next. Names are
 * compared with `bounds` outside of the look-ups, which the planner would plan without the index otherwise.
 *
 * @param first a subquery with the first counter
 */
function countersFrom(first: RawBuilder<unknown>, bounds: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
      WITH RECURSIVE stock AS (
        SELECT first.* FROM ${first} AS first WHERE first.ticket_type ${bounds}
        UNION ALL
        SELECT next.* FROM stock CROSS JOIN LATERAL (
          SELECT ${counterColumns} FROM inventory
          WHERE event_id::bigint = stock.event_id AND ticket_type || '' > stock.ticket_type
          ORDER BY ticket_type || '', generation DESC LIMIT 1
        ) AS next
        WHERE next.ticket_type ${bounds}
      )
      SELECT * FROM stock)`;
}

/**
 * A subquery with a bucket's row.
 *
 * @param columns of `buckets`
 * @param bucket an expression for the bucket's number
 */
export function bucketRow(columns: RawBuilder<unknown>, bucket: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(SELECT ${columns} FROM buckets WHERE bucket::bigint = ${bucket} ORDER BY generation DESC LIMIT 1)`;
}

/**
 * A subquery for the number of tickets of a type that are allocated but not sold: those of holds, and those that came
 * back and are not on sale yet.
 *
 * @param eventId an expression for the event's id
 * @param ticketType an expression for the ticket type
 */
export function heldOf(eventId: RawBuilder<unknown>, ticketType: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
      (SELECT coalesce(sum(quantity), 0) FROM holds WHERE event_id = ${eventId} AND ticket_type = ${ticketType})
      + (SELECT coalesce(sum(quantity), 0) FROM returns
         WHERE event_id = ${eventId} AND ticket_type = ${ticketType} AND is_stock)
    )::int`;
}

const leftOfPools = (stock: RawBuilder<unknown>) => sql`
        unnest(${stock}.pools) AS own (name)
        CROSS JOIN LATERAL ${stockOf(sql`total - allocated AS left_over`, sql`${stock}.event_id`, sql`own.name`)} AS pool`;

/**
 * The least of what is left of a ticket type and of the pools that it draws on.
 *
 * @param stock an alias of a row with the type's event_id, total, allocated and pools
 */
export function availableOf(stock: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`least(${stock}.total - ${stock}.allocated, (SELECT min(pool.left_over) FROM ${leftOfPools(stock)}))`;
}

/** The name of the pool that has less left than the ticket type itself; null when there is none. */
export function limitingPoolOf(stock: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(SELECT substr(own.name, 6) FROM ${leftOfPools(stock)}
        WHERE pool.left_over < ${stock}.total - ${stock}.allocated ORDER BY pool.left_over, own.name LIMIT 1)`;
}
