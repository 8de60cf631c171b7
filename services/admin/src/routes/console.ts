// The console's API for what the stream does not send: searches, one event, its orders, one order with its deliveries.
import { orderStatuses } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { listOrderDeliveries } from "@onsale/database/statements/deliveries/list-deliveries";
import { nameEvents, searchEvents } from "@onsale/database/statements/events/find-events";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { listOrders } from "@onsale/database/statements/orders/list-orders";
import { searchOrders } from "@onsale/database/statements/orders/search-orders";
import { countTransitions } from "@onsale/database/statements/transitions/count-transitions";
import { readHistory } from "@onsale/database/statements/transitions/read-history";
import { Type } from "typebox";
import type { EventReader } from "../console/event-reader.ts";
import type { EventCounts, EventLine, FoundOrders, OrderDetail, OrderPage } from "../console/messages/messages.ts";
import { presentDetail, presentOrder } from "../console/present/present.ts";
import { HttpError } from "../errors/http-error.ts";
import type { App } from "../http/app-type.ts";
import { EventId, SearchText, Uuid } from "../http/parameters.ts";

const foundCountMax = 50;
const orderCount = 50;
const deliveryCountMax = 100;

const Search = Type.Object({ q: SearchText });
const EventParams = Type.Object({ id: EventId });
const OrderParams = Type.Object({ id: Uuid });
const OrdersQuery = Type.Object({
  status: Type.Optional(Type.Enum([...orderStatuses])),
  after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
});

export type ConsoleRouteParts = Readonly<{
  /** Connections for these queries alone, so that they cannot delay what the stream needs. */
  lookupDb: Db;
  eventReader: EventReader;
}>;

export function registerConsoleRoutes(app: App, { lookupDb: db, eventReader }: ConsoleRouteParts): void {
  app.get("/api/events", { schema: { querystring: Search } }, async (request): Promise<EventLine[]> => {
    return eventReader.readAny(await searchEvents(db, request.query.q, foundCountMax));
  });

  app.get("/api/events/:id", { schema: { params: EventParams } }, async (request): Promise<EventLine> => {
    const [line] = await eventReader.readAny([request.params.id]);
    if (line === undefined) throw new HttpError(404, "There is no event with this number.");
    return line;
  });

  app.get("/api/events/:id/counts", { schema: { params: EventParams } }, async (request): Promise<EventCounts> => {
    return countTransitions(db, request.params.id);
  });

  const ordersSchema = { params: EventParams, querystring: OrdersQuery };
  app.get("/api/events/:id/orders", { schema: ordersSchema }, async (request): Promise<OrderPage> => {
    const { status, after } = request.query;
    const [event] = await nameEvents(db, [request.params.id]);
    if (event === undefined) throw new HttpError(404, "There is no event with this number.");
    const filter = { accountId: event.accountId, eventId: event.id, status };
    const start = after === undefined ? { offset: 0 } : { afterId: "", afterSeq: after };
    const rows = await listOrders(db, filter, start, orderCount);
    const next = rows.length === orderCount ? String(rows.at(-1)?.seq) : null;
    return { orders: rows.map(presentOrder), next };
  });

  app.get("/api/orders", { schema: { querystring: Search } }, async (request): Promise<FoundOrders> => {
    const rows = await searchOrders(db, request.query.q, foundCountMax + 1);
    return { orders: rows.slice(0, foundCountMax).map(presentOrder), hasMore: rows.length > foundCountMax };
  });

  app.get("/api/orders/:id", { schema: { params: OrderParams } }, async (request): Promise<OrderDetail> => {
    const { id } = request.params;
    const [[order], history, deliveries] = await Promise.all([
      getOrders(db, [id]),
      readHistory(db, id),
      listOrderDeliveries(db, id, deliveryCountMax),
    ]);
    if (order === undefined) throw new HttpError(404, "There is no order with this id.");
    return presentDetail(order, history, deliveries, Date.now());
  });
}
