// An event's books: its sales report, and all of its orders as a stream that continues where it broke off.
import { pauseMs } from "../request/backoff.ts";
import type { Call, CallOptions, Client } from "../request/client.ts";
import { isRetryable, NetworkError } from "../request/errors.ts";
import { readerOf } from "../request/read-body.ts";
import { overNetwork, send, sendForJson, unexpectedAnswer } from "../request/request.ts";
import { createWatchdog, delay, type Watchdog } from "../request/timing.ts";
import type { OpenUnion } from "../wire/open-union.ts";
import { isOrder, type Order, type OrderStatus } from "../wire/order.ts";
import { isExportEnd, isSalesReport, type SalesInterval, type SalesReport } from "../wire/sales.ts";
import { parseJson } from "../wire/shape.ts";

/** Which part of the time, and in what steps. */
export type SalesOptions = CallOptions &
  Readonly<{
    /** RFC 3339: only what happened at this time or later. */
    from?: string | undefined;
    /** RFC 3339: only what happened before this time. */
    to?: string | undefined;
    /** By default a minute. */
    interval?: SalesInterval | undefined;
  }>;

/**
 * Reads what an event sold, by ticket type and time. It takes about a second per 100,000 orders.
 *
 * @throws ProblemError (`event-not-found`, `overloaded` and others), NetworkError, the signal's reason
 */
export function getSales(client: Client, eventCode: string, options: SalesOptions = {}): Promise<SalesReport> {
  const { signal, ...query } = options;
  const path = `/events/${encodeURIComponent(eventCode)}/sales`;
  return sendForJson(client, { method: "GET", path, query }, isSalesReport, signal);
}

/** Which orders to export. */
export type ExportOrdersOptions = CallOptions &
  Readonly<{
    /** RFC 3339: only orders that were accepted at this time or later. */
    from?: string | undefined;
    /** RFC 3339: only orders that were accepted before this time. */
    to?: string | undefined;
    status?: OpenUnion<OrderStatus> | undefined;
    /** Continues after the order with this id. */
    after?: string | undefined;
  }>;

/** Tries in a row that brought no order. */
const failureCountMax = 10;
/** The server reads the next orders within this time, also when it is busy. */
const silenceMs = 90_000;

/**
 * Yields all orders of an event by their arrival, as they are when the server reads them. The iteration may be slow:
 * the server waits for it, up to two minutes. After a broken connection it continues after the last order. When the
 * iteration ends without an error, it has had every order.
 *
 * @throws ProblemError (`event-not-found` and others); NetworkError after ten broken connections that brought no order;
 *   TypeError for a base URL or a fetch that cannot be used; the signal's reason; all from the iteration
 */
export async function* exportOrders(
  client: Client,
  eventCode: string,
  options: ExportOrdersOptions = {},
): AsyncGenerator<Order, void, void> {
  const { signal, ...query } = options;
  const path = `/events/${encodeURIComponent(eventCode)}/orders.ndjson`;
  let { after } = options;
  for (let failureCount = 0; ; failureCount++) {
    const call = { method: "GET", path, query: { ...query, after } } as const;
    const watchdog = createWatchdog(silenceMs, signal);
    let failure: unknown;
    try {
      for await (const order of readOrders(client, call, watchdog)) {
        failureCount = 0;
        after = order.id;
        yield order;
      }
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isRetryable(error) || failureCount + 1 >= failureCountMax) throw error;
      failure = error;
    } finally {
      watchdog.stop();
    }
    await delay(pauseMs(failure, failureCount), signal);
  }
}

/** The orders of one connection; throws a NetworkError unless its last line says that it is complete. */
async function* readOrders(client: Client, call: Call, watchdog: Watchdog): AsyncGenerator<Order, void, void> {
  watchdog.arm();
  const response = await send(client, call, watchdog.signal);
  let count = 0;
  for await (const line of readLines(response, call, watchdog)) {
    const value = parseJson(line);
    if (isExportEnd(value)) {
      if (value.end.orders === count) return;
      throw new NetworkError(`GET ${call.path} brought ${count} of ${value.end.orders} orders`);
    }
    if (!isOrder(value)) throw unexpectedAnswer(call.path, response, `GET ${call.path} brought an unexpected line`);
    count++;
    yield value;
  }
  throw new NetworkError(`GET ${call.path} ended before its last line`);
}

async function* readLines(response: Response, call: Call, watchdog: Watchdog): AsyncGenerator<string, void, void> {
  const reader = readerOf(response, call);
  const decoder = new TextDecoder();
  try {
    for (let rest = ""; ; ) {
      watchdog.arm();
      const { value, done } = await overNetwork(call, watchdog.signal, () => reader.read());
      // While the caller works on the orders, the silence is the caller's.
      watchdog.rest();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
