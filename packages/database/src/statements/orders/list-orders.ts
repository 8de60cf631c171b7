// Lists an account's orders, the newest first. No locks. Indexes used: orders_by_event with an event, the primary key
// without one (a UUIDv7 rises with time). With a status that is rare in a long list, it reads on until the page is
// full.
import type { OrderStatus } from "@onsale/contracts/order";
import type { Db } from "../../client.ts";
import { type OrderRow, selectOrders } from "./order-row.ts";

export type OrderFilter = Readonly<{
  accountId: number;
  eventId?: number | undefined;
  status?: OrderStatus | undefined;
}>;

/** Where a page begins: after `offset` of the newest orders, or after the order with `afterId` and `afterSeq`. */
export type OrderPageStart = Readonly<{ offset: number } | { afterId: string; afterSeq: number }>;

/** At most `count` orders. */
export function listOrders(db: Db, filter: OrderFilter, start: OrderPageStart, count: number): Promise<OrderRow[]> {
  const byEvent = filter.eventId !== undefined;
  let query = selectOrders(db).where("orders.account_id", "=", filter.accountId).limit(count);
  if (filter.eventId !== undefined) query = query.where("orders.event_id", "=", filter.eventId);
  if (filter.status !== undefined) query = query.where("orders.status", "=", filter.status);
  if ("offset" in start) query = query.offset(start.offset);
  else if (byEvent) query = query.where("orders.seq", "<", start.afterSeq);
  else query = query.where("orders.id", "<", start.afterId);
  return query.orderBy(byEvent ? "orders.seq" : "orders.id", "desc").execute();
}

/** How many orders the filter matches; reads all of them in an index or the table. */
export async function countOrders(db: Db, filter: OrderFilter): Promise<number> {
  let query = db
    .selectFrom("orders")
    .where("account_id", "=", filter.accountId)
    .select((eb) => eb.fn.countAll<number>().as("count"));
  if (filter.eventId !== undefined) query = query.where("event_id", "=", filter.eventId);
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  return (await query.executeTakeFirstOrThrow()).count;
}
