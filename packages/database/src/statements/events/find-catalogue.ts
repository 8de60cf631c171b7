// Finds what purchases have to know of their events, for many at once. No locks. Indexes used: UNIQUE (account_id, code),
// the primary key of inventory.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** What an account calls an event. */
export type EventRef = Readonly<{ accountId: number; code: string }>;

/** An event as purchases see it. */
export type CatalogueRow = EventRef & Readonly<{ id: number; ticketTypes: readonly string[] }>;

/** The events that exist, in no particular order. */
export async function findCatalogue(db: Db, events: readonly EventRef[]): Promise<CatalogueRow[]> {
  const { rows } = await sql<CatalogueRow>`
    SELECT event.id, asked.account_id AS "accountId", asked.code,
           ARRAY (SELECT i.ticket_type FROM inventory i WHERE i.event_id = event.id) AS "ticketTypes"
    FROM unnest(${events.map((event) => event.accountId)}::int[], ${events.map((event) => event.code)}::text[])
           AS asked (account_id, code)
    CROSS JOIN LATERAL (
      SELECT e.id FROM events e WHERE e.account_id = asked.account_id AND e.code = asked.code OFFSET 0
    ) AS event`.execute(db);
  return rows;
}
