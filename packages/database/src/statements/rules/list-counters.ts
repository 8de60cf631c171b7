// Lists the counters of an event: its ticket types and pools. No locks. Index used: inventory_newest.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { poolsOfEvent, stockOfEvent } from "../newest.ts";

/** Their names. */
export async function listCounters(db: Db, eventId: number): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT ticket_type AS name FROM ${stockOfEvent(sql`${eventId}::int`)} AS types
    UNION ALL
    SELECT ticket_type FROM ${poolsOfEvent(sql`${eventId}::int`)} AS pools`.execute(db);
  return rows.map(({ name }) => name);
}
