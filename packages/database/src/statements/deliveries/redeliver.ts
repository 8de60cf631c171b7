// Makes deliveries due at once and begins their schedules anew, under the ids that they have, and announces that.
// Locks: their rows, in the order of `seq`, so that two redeliveries of the same time cannot deadlock. Indexes used:
// the primary key, or webhook_deliveries_by_endpoint for a page. A second run changes at most when they are due. The
// caller has checked that the endpoint belongs to the account.
import { sql } from "kysely";
import { webhooksChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";

const becomeDue = sql`
  status = 'PENDING', finished_at = NULL, schedule_step = 0, next_attempt_at = clock_timestamp()`;

/** @returns false when the endpoint has no such delivery */
export async function redeliver(db: Db, endpointId: string, id: string): Promise<boolean> {
  const { rows } = await sql`
    UPDATE webhook_deliveries SET ${becomeDue} WHERE id = ${id}::uuid AND endpoint_id = ${endpointId}::uuid
    RETURNING pg_notify(${webhooksChannel}, endpoint_id::text)`.execute(db);
  return rows.length > 0;
}

/** The deliveries of a time that failed, or all of them. */
export type DeliveryChoice = Readonly<{ createdFrom: Date; createdBefore: Date; includeDelivered: boolean }>;

/** Deliveries after one `seq` and before another. */
export type SeqRange = Readonly<{ afterSeq: number; beforeSeq: number }>;

/**
 * Redelivers one page of a time. A page is so many deliveries in the order of `seq`, chosen or not: the work of a
 * transaction is bounded, however many deliveries there are.
 *
 * @param countMax deliveries of a page
 * @returns how many were chosen, and the last `seq` of the page; null when nothing is left
 */
export async function redeliverPage(
  db: Db,
  endpointId: string,
  { createdFrom, createdBefore, includeDelivered }: DeliveryChoice,
  { afterSeq, beforeSeq }: SeqRange,
  countMax: number,
): Promise<{ count: number; lastSeq: number | null }> {
  const { rows } = await sql<{ count: number; lastSeq: number | null }>`
    WITH page AS (
      SELECT max(seq) AS last_seq FROM (
        SELECT seq FROM webhook_deliveries
        WHERE endpoint_id = ${endpointId}::uuid AND seq > ${afterSeq}::bigint AND seq < ${beforeSeq}::bigint
        ORDER BY seq LIMIT ${countMax}::int) AS next
    ), chosen AS (
      SELECT id FROM webhook_deliveries
      WHERE endpoint_id = ${endpointId}::uuid AND seq > ${afterSeq}::bigint AND seq <= (SELECT last_seq FROM page)
        AND created_at >= ${createdFrom} AND created_at < ${createdBefore}
        AND (status = 'FAILED' OR ${includeDelivered}::boolean)
      ORDER BY seq FOR NO KEY UPDATE
    ), due AS (
      UPDATE webhook_deliveries d SET ${becomeDue} FROM chosen WHERE d.id = chosen.id RETURNING d.id
    )
    SELECT (SELECT count(*) FROM due) AS count, (SELECT last_seq FROM page) AS "lastSeq",
           pg_notify(${webhooksChannel}, ${endpointId})`.execute(db);
  return rows[0] ?? { count: 0, lastSeq: null };
}
