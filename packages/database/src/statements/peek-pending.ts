// What the allocator needs before it can choose how to decide an event's next orders. No locks. Indexes used:
// orders_by_event (the first entry that is undecided), the primary key of inventory.
import type { Strategy } from "@onsale/contracts/order";
import { sql } from "kysely";
import type { Db } from "../client.ts";
import { readArrivalFloor } from "./arrival-floor.ts";
import { isUndecided } from "./decided-through.ts";

/** The stock of one ticket type as it was read, with the version that a write must still find. */
export type Stock = Readonly<{ ticketType: string; available: number; version: number }>;

export type PendingPeek = Readonly<{
  /** Only orders up to this `seq` may be decided; see arrival-floor.ts. */
  floor: number;
  /** The strategy of the first pending order; null when nothing is pending. */
  strategy: Strategy | null;
  stock: readonly Stock[];
}>;

export async function peekPending(db: Db, eventId: number): Promise<PendingPeek> {
  const { rows } = await sql<PendingPeek>`
    SELECT (${readArrivalFloor}) AS floor,
           (SELECT strategy FROM orders WHERE ${isUndecided(sql`${eventId}`)}
            ORDER BY event_id, seq LIMIT 1) AS strategy,
           coalesce((SELECT json_agg(json_build_object('ticketType', ticket_type, 'available', total - allocated,
                                                       'version', version) ORDER BY ticket_type)
                     FROM inventory WHERE event_id = ${eventId}), '[]') AS stock`.execute(db);
  const [peek] = rows;
  if (peek === undefined) throw new Error("a SELECT without FROM returned no row");
  return peek;
}
