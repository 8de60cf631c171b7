// Routes that read orders: one order, with a long poll if the client asks for it, and lists.
import { CustomerRef, Order, OrderPage, PaymentReference } from "@onsale/contracts/order";
import { PageQuery } from "@onsale/contracts/page";
import { presentOrder } from "@onsale/contracts/present-order";
import { EventCode, Ref } from "@onsale/contracts/text";
import { idempotencyKeyPattern, orderStatuses } from "@onsale/contracts/values";
import { countOrders, listOrders } from "@onsale/database/statements/orders/list-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { isUuid } from "@onsale/database/uuid";
import { canChange, hasDecision } from "@onsale/domain/order-status";
import { Type } from "typebox";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { type OrderReader, requireOrder } from "../catalogue/order-reader.ts";
import type { App } from "../http/app-type.ts";
import { etagOf, matchesEtag } from "../http/headers.ts";
import { isCount, presentPage, readPageQuery } from "../http/page.ts";
import { header, preferHeader, retryAfterHeader, routeProblems, waitGrantedHeader } from "../http/responses.ts";
import type { Lists } from "../lists/lists.ts";
import { type LongPollParts, longPoll } from "../results/long-poll.ts";
import type { OrderPlaces } from "../results/order-places.ts";

const tags = ["orders"];

export type OrderRouteParts = LongPollParts &
  Readonly<{ lists: Lists; catalogue: Catalogue; orderReader: OrderReader; orderPlaces: OrderPlaces }>;

export function registerOrderRoutes(app: App, parts: OrderRouteParts): void {
  registerGetOrder(app, parts);
  registerListOrders(app, parts);
}

function registerGetOrder(app: App, parts: OrderRouteParts): void {
  const { orderReader, orderPlaces } = parts;
  const getSchema = {
    tags,
    operationId: "getOrder",
    summary: "Get an order",
    description:
      "With `Prefer: wait`, a pending order is answered once decided; with `If-None-Match` too, any order once it " +
      "has another version than the one that you have. A rejected or cancelled order gets no other version, so it " +
      "is answered at once.",
    params: Type.Object({ id: Type.String({ description: "The order's id." }) }),
    headers: Type.Object({
      "if-none-match": Type.Optional(Type.String({ description: "The ETag that you have.", examples: ['"1"'] })),
      prefer: preferHeader,
    }),
    response: {
      200: {
        ...Ref(Order),
        headers: {
          etag: header("The order's version."),
          "retry-after": retryAfterHeader,
          "preference-applied": waitGrantedHeader,
        },
      },
      304: {
        type: "null",
        description: "The order has not changed.",
        headers: { etag: header("Its version."), "preference-applied": waitGrantedHeader },
      },
      ...routeProblems("order-not-found"),
    },
  };
  app.get("/orders/:id", { schema: getSchema, config: { scope: "orders:read" } }, async (request, reply) => {
    const { "if-none-match": known, prefer } = request.headers;
    const found = await requireOrder(orderReader, request.accountId, request.params.id);
    const isKnown = matchesEtag(known, etagOf(found));
    const isAnswer = known === undefined ? hasDecision(found.status) : !isKnown || !canChange(found.status);
    const waiting = isAnswer ? undefined : longPoll(parts, found, isKnown ? "changed" : "decided", prefer, reply);
    const order = waiting === undefined ? found : await waiting;
    const etag = etagOf(order);
    const isPending = !hasDecision(order.status);
    reply.header("etag", etag);
    if (isPending) reply.header("retry-after", "1");
    if (matchesEtag(known, etag)) return reply.code(304).send();
    return reply.send(presentOrder(order, await orderPlaces.read(order)));
  });
}

function registerListOrders(app: App, { lists, catalogue }: OrderRouteParts): void {
  const listSchema = {
    tags,
    operationId: "listOrders",
    summary: "List orders, the newest first",
    querystring: Type.Object(
      {
        event: Type.Optional(EventCode),
        status: Type.Optional(
          Type.Enum([...orderStatuses], { description: "Only orders in this status.", examples: ["CONFIRMED"] }),
        ),
        customerRef: Type.Optional(CustomerRef),
        paymentReference: Type.Optional(PaymentReference),
        idempotencyKey: Type.Optional(
          Type.String({
            pattern: idempotencyKeyPattern,
            description: "The key that the order was purchased with: one order or none.",
            examples: ["cart-8471"],
          }),
        ),
        ...PageQuery,
      },
      { additionalProperties: false },
    ),
    response: { 200: Ref(OrderPage), ...routeProblems("validation-failed") },
  };
  app.get("/orders", { schema: listSchema, config: { scope: "orders:read", shedAt: 1 } }, async (request) => {
    const { accountId } = request;
    const { event: code, status, customerRef, paymentReference, idempotencyKey, ...pageQuery } = request.query;
    const filters = ["orders", code, status, customerRef, paymentReference, idempotencyKey];
    const page = readPageQuery(pageQuery, filters, parsePosition);
    const event = code === undefined ? undefined : await catalogue.find(accountId, code);
    if (code !== undefined && event === undefined) return presentPage(page, [], 0, present, () => []);
    const filter = { accountId, eventId: event?.id, status, customerRef, paymentReference, idempotencyKey };
    return lists.readPage(accountId, page, {
      read: (db, start, count) => listOrders(db, filter, start, count),
      count: (db) => countOrders(db, filter),
      present,
      positionOf,
    });
  });
}

function parsePosition([seq, id, ...rest]: readonly string[]) {
  if (!isCount(seq) || id === undefined || !isUuid(id) || rest.length > 0) return null;
  return { afterSeq: Number(seq) };
}

/** Earlier versions need the id as well; a gateway of one may get the cursor while versions change. */
const positionOf = ({ seq, id }: OrderRow) => [seq, id];

/** Without a queue position. */
const present = (order: OrderRow) => presentOrder(order);
