// Records archives: that a file is verified, so that its orders may be deleted, and that they are. Locks: none that
// others wait for. Indexes used: archives_by_event, archives_unfinished, the primary key. A second record of an event
// whose archive is unfinished changes nothing.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type ArchiveRow = Readonly<{
  id: number;
  file: string;
  digest: string;
  orderCount: number;
  isFinished: boolean;
}>;

/** The archives of an event, the oldest first. */
export async function readArchives(db: Db, eventId: number): Promise<ArchiveRow[]> {
  const { rows } = await sql<ArchiveRow>`
    SELECT id, file, digest, order_count AS "orderCount", finished_at IS NOT NULL AS "isFinished"
    FROM archives WHERE event_id = ${eventId}::int ORDER BY event_id, id`.execute(db);
  return rows;
}

/** @returns its id; undefined while another archive of the event is unfinished */
export async function recordArchive(
  db: Db,
  eventId: number,
  { file, digest, orderCount }: Pick<ArchiveRow, "file" | "digest" | "orderCount">,
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO archives (event_id, file, digest, order_count)
    VALUES (${eventId}::int, ${file}, ${digest}, ${orderCount}::int)
    ON CONFLICT DO NOTHING RETURNING id`.execute(db);
  return rows[0]?.id;
}

/** Says that no order of the file is left to delete. */
export async function finishArchive(db: Db, id: number): Promise<void> {
  await sql`
    UPDATE archives SET finished_at = clock_timestamp() WHERE id = ${id}::bigint AND finished_at IS NULL`.execute(db);
}
