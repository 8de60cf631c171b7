// An event's pending orders in arrival order. No locks. Index used: the end of orders_by_event. What is left to do
// lies above what is decided, never above a "last seen seq": `seq` does not become visible in order.
import type { Strategy } from "@onsale/contracts/order";
import { sql } from "kysely";
import type { Db } from "../client.ts";
import { isUndecided } from "./decided-through.ts";

export type PendingOrder = Readonly<{
  id: string;
  seq: number;
  ticketType: string;
  quantity: number;
  strategy: Strategy;
  /** Milliseconds since 1970, with microseconds as fraction. */
  createdAtMs: number;
}>;

/**
 * @param floor from `peekPending`, read by an earlier statement than this one
 * @param countMax orders at most
 */
export async function readPending(db: Db, eventId: number, floor: number, countMax: number): Promise<PendingOrder[]> {
  const { rows } = await sql<PendingOrder>`
    SELECT id, seq, ticket_type AS "ticketType", quantity, strategy,
           (extract(epoch FROM created_at) * 1000)::float8 AS "createdAtMs"
    FROM orders
    WHERE ${isUndecided(sql`${eventId}`)} AND seq <= ${floor}
    ORDER BY event_id, seq LIMIT ${countMax}`.execute(db);
  return rows;
}
