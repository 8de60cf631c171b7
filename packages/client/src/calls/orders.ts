// The calls that read orders and their changes.

import type { CallOptions, Client } from "../request/client.ts";
import { type PageOptions, readPages } from "../request/pages.ts";
import { sendForJson } from "../request/request.ts";
import { isOrder, type Line, type Order, type OrderStatus } from "../wire/order.ts";
import { type ChangePage, isChangePage, isHistory, type Transition } from "../wire/transition.ts";
import { eventPath } from "./events.ts";

/** Which orders to list. */
export type ListOrdersOptions = PageOptions &
  Readonly<{
    /** Only orders of the event with this code. */
    event?: string | undefined;
    /** Only orders in this status. */
    status?: OrderStatus | undefined;
    /** Only orders that were bought with this reference. */
    customerRef?: string | undefined;
    /** Only orders that a payment with this reference came for. */
    paymentReference?: string | undefined;
    /** Only the order that was purchased with this key. */
    idempotencyKey?: string | undefined;
  }>;

/**
 * Reads an order.
 *
 * @throws ProblemError (`order-not-found` and others), NetworkError, the signal's reason
 */
export function getOrder(client: Client, id: string, { signal }: CallOptions = {}): Promise<Order> {
  return sendForJson(client, { method: "GET", path: orderPath(id) }, isOrder, signal);
}

/**
 * Reads the changes of an order, the oldest first. The first one is its first decision; a pending order has none.
 *
 * @throws ProblemError (`order-not-found` and others), NetworkError, the signal's reason
 */
export function history(client: Client, orderId: string, { signal }: CallOptions = {}): Promise<readonly Transition[]> {
  return sendForJson(client, { method: "GET", path: `${orderPath(orderId)}/history` }, isHistory, signal);
}

/**
 * Lists all orders, the newest first. Each page is requested when the loop gets to it. Orders that are recorded
 * meanwhile are not in the list.
 *
 * @throws ProblemError, NetworkError, the signal's reason; all from the iteration
 */
export function listOrders(client: Client, options: ListOrdersOptions = {}): AsyncGenerator<Order, void, void> {
  const { size, signal, ...filter } = options;
  return readPages(client, { path: "/orders", query: filter }, isOrder, { size, signal });
}

/** Which changes to read. */
export type ReadChangesOptions = CallOptions &
  Readonly<{
    /** The `nextCursor` of the page before; without it, from the beginning. */
    after?: string | undefined;
    /** Changes per page, 1 to 100; the server's default is 20. */
    size?: number | undefined;
  }>;

/**
 * Reads the changes of all orders of an event, each once and in an order that never changes. An empty page says that
 * everything so far is read: store its `nextCursor`, and ask again later.
 *
 * @throws ProblemError (`event-not-found` and others), NetworkError, the signal's reason
 */
export function readChanges(client: Client, eventCode: string, options: ReadChangesOptions = {}): Promise<ChangePage> {
  const { after, size, signal } = options;
  const path = `${eventPath(eventCode)}/changes`;
  const query = { after, size: size === undefined ? undefined : String(size) };
  return sendForJson(client, { method: "GET", path, query }, isChangePage, signal);
}

/** The path of an order, below `/api/v1`. */
export function orderPath(id: string): string {
  return `/orders/${encodeURIComponent(id)}`;
}

/** The lines to send: items of an order have prices, too, which a request must not have. */
export function linesOf(items: readonly Line[] | undefined): Line[] | undefined {
  return items?.map(({ ticketType, quantity }) => ({ ticketType, quantity }));
}
