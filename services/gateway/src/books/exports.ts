// Reads all orders of an event, page by page. An export has the orders that were accepted before it began, each once
// and as it is when its page is read. It can be continued after any of its orders, because their order never changes.
import type { OrderStatus } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import { readArrivalFloor } from "@onsale/database/statements/orders/arrival-floor";
import { exportOrders, type NumberRange } from "@onsale/database/statements/orders/export-orders";
import { findSeqAfter, findSeqBefore } from "@onsale/database/statements/orders/find-seq";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import type { CatalogueEvent } from "../catalogue/catalogue.ts";
import type { BookConnections } from "./book-connections.ts";

/** Few enough that a page keeps the process's only thread for some milliseconds. */
const pageSize = 250;

export type ExportFilter = Readonly<{
  /** Orders that were accepted at this time or later. */
  from: Date | null;
  /** Orders that were accepted before this time. */
  to: Date | null;
  status: OrderStatus | undefined;
  /** Only orders after the one with this id. */
  afterId: string | undefined;
}>;

/**
 * @returns pages of orders, by rising number; a page may be empty. Undefined when the event has no order `afterId`
 * @throws ProblemError `overloaded` before the first page when no connection is free
 */
export async function openExport(
  { read, readPatiently }: BookConnections,
  accountId: number,
  { id: eventId }: CatalogueEvent,
  filter: ExportFilter,
): Promise<AsyncIterable<readonly OrderRow[]> | undefined> {
  const range = await read(accountId, (db) => findRange(db, eventId, filter));
  if (range === undefined) return undefined;

  async function* readPages({ after, through }: NumberRange): AsyncGenerator<readonly OrderRow[]> {
    for (let last = after; ; ) {
      const rest = { after: last, through };
      const page = await readPatiently(accountId, (db) => exportOrders(db, eventId, rest, pageSize));
      yield page.filter((order) => matches(order, filter));
      const end = page.at(-1);
      if (end === undefined || page.length < pageSize) return;
      last = end.seq;
    }
  }
  return readPages(range);
}

async function findRange(
  db: Db,
  eventId: number,
  { from, to, afterId }: ExportFilter,
): Promise<NumberRange | undefined> {
  const floor = await readArrivalFloor(db);
  const first = from === null ? 0 : await findSeqBefore(db, eventId, "orders.created_at", from);
  const last = to === null ? floor : await findSeqAfter(db, eventId, "orders.created_at", to);
  const range = { after: first, through: Math.min(floor, last) };
  if (afterId === undefined) return range;
  const [order] = await getOrders(db, [afterId]);
  if (order === undefined || order.eventId !== eventId) return undefined;
  return { ...range, after: Math.max(first, order.seq) };
}

function matches({ status, createdAt }: OrderRow, filter: ExportFilter): boolean {
  if (filter.status !== undefined && status !== filter.status) return false;
  return (filter.from === null || createdAt >= filter.from) && (filter.to === null || createdAt < filter.to);
}
