// The pessimistic strategy's first step: locks an event's inventory rows until the transaction ends, in the order of
// the ticket types, so that two workers cannot deadlock. Index used: the primary key of inventory.
import { sql } from "kysely";
import type { Db } from "../client.ts";
import type { Stock } from "./peek-pending.ts";

/** @param tx must be inside a transaction */
export async function lockStock(tx: Db, eventId: number): Promise<readonly Stock[]> {
  const { rows } = await sql<Stock>`
    SELECT ticket_type AS "ticketType", total - allocated AS available, version
    FROM inventory WHERE event_id = ${eventId} ORDER BY ticket_type FOR UPDATE`.execute(tx);
  return rows;
}
