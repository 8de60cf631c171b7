// Watches orders and sales over streams that survive broken connections.

import type { CallOptions, Client } from "../request/client.ts";
import { resumingStream } from "../stream/resuming-stream.ts";
import { type SharedStreamOptions, sharedStream } from "../stream/shared-stream.ts";
import { isSaleSnapshot, type SaleSnapshot } from "../wire/event.ts";
import { isOrder, type Order, type OrderStatus } from "../wire/order.ts";
import { orderPath } from "./orders.ts";

/** How to watch an order. */
export type WatchOrderOptions = CallOptions &
  Readonly<{
    /** The `version` of the order that you have already: only later versions are yielded. */
    lastVersion?: number | undefined;
  }>;

/** What ends a stream. A later change needs an action of somebody, such as a refund. */
const finalStatuses: readonly OrderStatus[] = ["CONFIRMED", "REJECTED", "EXPIRED", "CANCELLED"];

/**
 * Yields an order now and after each change, until it is CONFIRMED, REJECTED, EXPIRED or CANCELLED. While it is
 * pending, `queue` has its place; while it is WAITING, `waitlist` has. Connects again after broken connections, without
 * a limit; leave the loop, or abort, to give up.
 *
 * @throws ProblemError (`order-not-found` and others), TypeError for a base URL or a fetch that cannot be used, the
 *   signal's reason; all from the iteration
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
 * Yields the state of a sale now and after each change: its stock, its pending orders, and the rate of decisions. It
 * never ends by itself: leave the loop, or abort.
 *
 * @throws ProblemError (`event-not-found` and others), TypeError for a base URL or a fetch that cannot be used, the
 *   signal's reason; all from the iteration
 */
export function watchSale(
  client: Client,
  eventCode: string,
  { signal }: CallOptions = {},
): AsyncGenerator<SaleSnapshot, void, void> {
  const path = `/events/${encodeURIComponent(eventCode)}/stream`;
  return resumingStream(client, { path, event: "sale", isExpected: isSaleSnapshot, signal });
}

/**
 * For pages: like `watchSale`, with one connection for all tabs that watch the same sale. It connects again after any
 * failure, with a random pause, also after the ProblemErrors that `watchSale` throws.
 *
 * @throws TypeError for a base URL or a fetch that cannot be used, the signal's reason
 */
export function shareSale(
  client: Client,
  eventCode: string,
  options: SharedStreamOptions = {},
): AsyncGenerator<SaleSnapshot, void, void> {
  const name = `${client.baseUrl} sale ${eventCode}`;
  const watch = (signal: AbortSignal) => watchSale(client, eventCode, { signal });
  return sharedStream({ name, isExpected: isSaleSnapshot, watch }, options);
}

/**
 * For pages: like `watchOrder`, with one connection for all tabs that watch the same order. It connects again after any
 * failure, with a random pause, also after the ProblemErrors that `watchOrder` throws.
 *
 * @throws TypeError for a base URL or a fetch that cannot be used, the signal's reason
 */
export function shareOrder(
  client: Client,
  id: string,
  options: SharedStreamOptions = {},
): AsyncGenerator<Order, void, void> {
  const name = `${client.baseUrl} order ${id}`;
  const watch = (signal: AbortSignal) => watchOrder(client, id, { signal });
  return sharedStream({ name, isExpected: isOrder, watch }, options);
}
