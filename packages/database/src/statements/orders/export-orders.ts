// Reads an event's orders by rising number, page by page, each page in a transaction of its own. No locks. Index used:
// orders_by_event. Each order of a page is as it was when the page was read.
import type { Db } from "../../client.ts";
import { type OrderRow, selectOrders } from "./order-row.ts";

/** The numbers to read: above `after`, and up to `through`. */
export type NumberRange = Readonly<{ after: number; through: number }>;

/** At most `countMax` orders. */
export function exportOrders(
  db: Db,
  eventId: number,
  { after, through }: NumberRange,
  countMax: number,
): Promise<OrderRow[]> {
  return selectOrders(db)
    .where("orders.event_id", "=", eventId)
    .where("orders.seq", ">", after)
    .where("orders.seq", "<=", through)
    .orderBy("orders.event_id")
    .orderBy("orders.seq")
    .limit(countMax)
    .execute();
}
