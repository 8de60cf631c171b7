// Reads the counters that some entries draw on, with the versions that a write must still find. No locks. Index used:
// inventory_newest.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOf } from "../newest.ts";

/** The stock of a ticket type. */
export type StockCounter = Readonly<{
  eventId: number;
  ticketType: string;
  limit: number;
  used: number;
  version: number;
  /** Whether the event was cancelled. */
  isCancelled: boolean;
}>;

const columns = sql`total AS limit, allocated AS used, version, is_cancelled AS "isCancelled"`;

/** Those of the given ticket types that exist. */
export async function readCounters(
  db: Db,
  types: readonly Readonly<{ eventId: number; ticketType: string }>[],
): Promise<StockCounter[]> {
  const { rows } = await sql<StockCounter>`
    SELECT requested.event_id AS "eventId", requested.ticket_type AS "ticketType", stock.*
    FROM unnest(${types.map((type) => type.eventId)}::int[], ${types.map((type) => type.ticketType)}::text[])
           AS requested (event_id, ticket_type)
    CROSS JOIN LATERAL ${stockOf(columns, sql`requested.event_id`, sql`requested.ticket_type`)} AS stock`.execute(db);
  return rows;
}
