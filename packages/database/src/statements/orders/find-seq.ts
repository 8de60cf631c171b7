// Finds the place of a time among an event's numbers, so that reports and exports of a part of a sale read that part
// only. No locks. Indexes used: orders_by_event or order_history_by_event, one row for each of some 30 steps.
//
// No index knows a time, because it would cost every purchase or transition. Numbers and times rise together, so a
// binary search over the numbers finds the place. They may differ a little: a row gets its number after its time, and
// the server's clock can be set. So the place is one for `slackSeconds` before or after the time, and the reader of the
// rows compares their times as well.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** A time that rises with `seq` among an event's rows. A row without it comes after all others. */
export type NumberedTime = "orders.created_at" | "orders.decided_at" | "order_history.at";

const slackSeconds = 60;

const tableOf = {
  "orders.created_at": sql`orders`,
  "orders.decided_at": sql`orders`,
  "order_history.at": sql`order_history`,
} as const;

/**
 * A number before all rows of the event whose time is `at` or later.
 */
export function findSeqBefore(db: Db, eventId: number, time: NumberedTime, at: Date): Promise<number> {
  return findFirst(db, eventId, time, new Date(at.getTime() - slackSeconds * 1_000)).then((seq) => seq - 1);
}

/** A number after all rows of the event whose time is before `at`. */
export function findSeqAfter(db: Db, eventId: number, time: NumberedTime, at: Date): Promise<number> {
  return findFirst(db, eventId, time, new Date(at.getTime() + slackSeconds * 1_000));
}

/** The lowest number such that no row from there on has an earlier time. */
async function findFirst(db: Db, eventId: number, time: NumberedTime, at: Date): Promise<number> {
  const table = tableOf[time];
  const { rows } = await sql<{ seq: number }>`
    WITH RECURSIVE search (low, high) AS (
      SELECT 0::bigint, coalesce((
        SELECT seq + 1 FROM ${table} WHERE event_id = ${eventId}::int ORDER BY event_id DESC, seq DESC LIMIT 1), 0)
      UNION ALL
      SELECT CASE WHEN probe.at < ${at}::timestamptz THEN probe.seq + 1 ELSE low END,
             CASE WHEN probe.at < ${at}::timestamptz THEN high ELSE (low + high) / 2 END
      FROM search LEFT JOIN LATERAL (
        SELECT seq, ${sql.ref(time)} AS at FROM ${table}
        WHERE event_id = ${eventId}::int AND seq >= (low + high) / 2 ORDER BY event_id, seq LIMIT 1
      ) AS probe ON true
      WHERE low < high
    )
    SELECT low AS seq FROM search WHERE low >= high`.execute(db);
  const [found] = rows;
  if (found === undefined) throw new Error("a binary search has no end");
  return found.seq;
}
