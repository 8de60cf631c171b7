// The first step of the pessimistic strategy. Locks: the inventory rows of some events, until the transaction ends.
// Every transaction locks them by event and ticket type, which is also the order in which batches write them, so two
// workers cannot deadlock. Index used: the primary key of inventory. A second run in the transaction changes nothing.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** @param tx must be inside a transaction */
export async function lockStock(tx: Db, eventIds: readonly number[]): Promise<void> {
  await sql`
    SELECT FROM inventory WHERE event_id = ANY(${eventIds}::int[])
    ORDER BY event_id, ticket_type COLLATE "C" FOR UPDATE`.execute(tx);
}
