// Finds the orders of a cancelled event that have tickets or wait for some, by rising `seq`. Orders that are passed
// need no second look: none gets tickets any more, because the lane rejects those that are pending or paid late. No
// locks. Index used: orders_by_event. A second run finds those that were not cancelled meanwhile.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

const isCancellable = sql<boolean>`status IN ('HELD', 'CONFIRMED', 'WAITING')`;

/** Orders that one count reads, also when they have to be read from a slow disk. */
const countedPerRound = 10_000;

export type CountedOrders = Readonly<{
  count: number;
  /** The `seq` up to which they are counted; null when no order comes after `afterSeq`. */
  throughSeq: number | null;
}>;

/** Counts those among the next orders of an event. */
export async function countCancellable(db: Db, eventId: number, afterSeq: number): Promise<CountedOrders> {
  const { rows } = await sql<CountedOrders>`
    SELECT count(*) FILTER (WHERE ${isCancellable}) AS count, max(seq) AS "throughSeq" FROM (
      SELECT seq, status FROM orders WHERE event_id = ${eventId}::int AND seq > ${afterSeq}::bigint
      ORDER BY event_id, seq LIMIT ${countedPerRound}::int) AS next`.execute(db);
  return rows[0] ?? { count: 0, throughSeq: null };
}

/** Orders that are read to find those of one batch. */
const readPerBatch = 5_000;

export type CancellableOrders = Readonly<{
  orders: readonly Readonly<{ id: string; seq: number }>[];
  /** The `seq` up to which no others are left; null when no order comes after `afterSeq`. */
  throughSeq: number | null;
}>;

/** The first ones of an event, at most `countMax`. */
export async function findCancellable(
  db: Db,
  eventId: number,
  afterSeq: number,
  countMax: number,
): Promise<CancellableOrders> {
  const { rows } = await sql<CancellableOrders>`
    WITH next AS MATERIALIZED (
      SELECT id, seq, status FROM orders WHERE event_id = ${eventId}::int AND seq > ${afterSeq}::bigint
      ORDER BY event_id, seq LIMIT ${readPerBatch}::int
    ), chosen AS MATERIALIZED (
      SELECT id, seq FROM next WHERE ${isCancellable} ORDER BY seq LIMIT ${countMax}::int
    )
    SELECT coalesce((SELECT json_agg(chosen ORDER BY seq) FROM chosen), '[]') AS orders,
           CASE WHEN (SELECT count(*) FROM chosen) < ${countMax}::int THEN (SELECT max(seq) FROM next)
                ELSE (SELECT max(seq) FROM chosen) END AS "throughSeq"`.execute(db);
  return rows[0] ?? { orders: [], throughSeq: null };
}
