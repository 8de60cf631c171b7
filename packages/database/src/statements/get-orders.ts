// Reads orders by their primary key, one or many with one statement. No locks.
import { sql } from "kysely";
import type { Db } from "../client.ts";
import { type OrderRow, selectOrders } from "./order-row.ts";

/** The orders with these ids that exist, in no particular order, whoever's they are. */
export function getOrders(db: Db, ids: readonly string[]): Promise<OrderRow[]> {
  return selectOrders(db).where(sql<boolean>`orders.id = ANY(${ids}::uuid[])`).execute();
}

/** One order of an account, or undefined. */
export function getOrder(db: Db, accountId: number, id: string): Promise<OrderRow | undefined> {
  return selectOrders(db).where("orders.id", "=", id).where("orders.account_id", "=", accountId).executeTakeFirst();
}
