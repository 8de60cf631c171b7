import { orderPath } from "./orders.ts";
import type { CallOptions, Client } from "./request.ts";
import { resumingStream } from "./resuming-stream.ts";
import { isOrder, isSaleSnapshot } from "./shape.ts";
import type { Order, OrderStatus, SaleSnapshot } from "./wire.ts";

/** How to watch an order. */
export type WatchOrderOptions = CallOptions &
  Readonly<{
    /** The `version` of the order that you have: only later ones are reported. */
    lastVersion?: number | undefined;
  }>;

const finalStatuses: readonly OrderStatus[] = ["CONFIRMED", "REJECTED", "EXPIRED", "CANCELLED"];

/**
 * An order as it is, and again whenever it changes; while it is pending also its place in the line. Ends with its final
 * status. A connection that breaks is made again, for as long as it takes; leave the loop, or abort, to give up.
 *
 * @throws ProblemError (`order-not-found` and others), the signal's reason; all from the iteration
 */
export async function* watchOrder(
  client: Client,
  id: string,
  { lastVersion, signal }: WatchOrderOptions = {},
): AsyncGenerator<Order, void, void> {
  const lastEventId = lastVersion === undefined ? "" : String(lastVersion);
  const stream = { path: `${orderPath(id)}/stream`, event: "order", isExpected: isOrder, lastEventId, signal };
  for await (const order of resumingStream(client, stream)) {
    yield order;
    if (finalStatuses.includes(order.status)) return;
  }
}

/**
 * A sale as it stands, and again as it goes on: stock, orders that wait, and the rate of decisions. It never ends by
 * itself: leave the loop, or abort.
 *
 * @throws ProblemError (`event-not-found` and others), the signal's reason; all from the iteration
 */
export function watchSale(
  client: Client,
  eventCode: string,
  { signal }: CallOptions = {},
): AsyncGenerator<SaleSnapshot, void, void> {
  const path = `/events/${encodeURIComponent(eventCode)}/stream`;
  return resumingStream(client, { path, event: "sale", isExpected: isSaleSnapshot, signal });
}
