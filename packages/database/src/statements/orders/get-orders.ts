// Reads orders by their ids, any number with one statement. No locks. Indexes used: the primary keys of orders and
// events.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { type OrderRow, selectOrders } from "./order-row.ts";

/** The orders with these ids that exist, in no particular order and of any account. */
export function getOrders(db: Db, ids: readonly string[]): Promise<OrderRow[]> {
  return selectOrders(db).where(sql<boolean>`orders.id = ANY(${ids}::uuid[])`).execute();
}
