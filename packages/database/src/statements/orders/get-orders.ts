// Reads orders by their primary key, any number with one statement. No locks.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { type OrderRow, selectOrders } from "./order-row.ts";

/** The orders with these ids that exist, in no particular order, whoever's they are. */
export function getOrders(db: Db, ids: readonly string[]): Promise<OrderRow[]> {
  return selectOrders(db).where(sql<boolean>`orders.id = ANY(${ids}::uuid[])`).execute();
}
