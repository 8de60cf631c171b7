import { type CallOptions, type Client, sendForJson } from "./request.ts";
import { isOrder, isOrderPage } from "./shape.ts";
import type { Order, OrderStatus } from "./wire.ts";

/** Which orders to list. */
export type ListOrdersOptions = CallOptions &
  Readonly<{
    /** Only orders of the event with this code. */
    event?: string | undefined;
    /** Only orders in this status. */
    status?: OrderStatus | undefined;
    /** Orders per request, 1 to 100; the server's default is 20. */
    size?: number | undefined;
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
 * All orders, the newest first, page after page as they are asked for. Orders that come meanwhile are not among them.
 *
 * @throws ProblemError, NetworkError, the signal's reason; all from the iteration
 */
export async function* listOrders(client: Client, options: ListOrdersOptions = {}): AsyncGenerator<Order, void, void> {
  const { event, status, size, signal } = options;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { event, status, size: size === undefined ? undefined : String(size), cursor };
    const page = await sendForJson(client, { method: "GET", path: "/orders", query }, isOrderPage, signal);
    yield* page.content;
    cursor = page.nextCursor;
  }
}

/** Where an order is, below `/api/v1`. */
export function orderPath(id: string): string {
  return `/orders/${encodeURIComponent(id)}`;
}
