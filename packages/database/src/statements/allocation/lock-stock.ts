// The pessimistic strategy's first step: locks the inventory rows of some events until the transaction ends, in one
// order for everybody, so that two workers cannot deadlock; it is that in which batches write. Index used: the primary
// key of inventory.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** @param tx must be inside a transaction */
export async function lockStock(tx: Db, eventIds: readonly number[]): Promise<void> {
  await sql`
    SELECT FROM inventory WHERE event_id = ANY(${eventIds}::int[])
    ORDER BY event_id, ticket_type COLLATE "C" FOR UPDATE`.execute(tx);
}
