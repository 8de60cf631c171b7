import { Order, OrderPage, orderStatuses } from "@onsale/contracts/order";
import { PageQuery } from "@onsale/contracts/page";
import { presentOrder } from "@onsale/contracts/present-order";
import { EventCode, Ref } from "@onsale/contracts/text";
import type { Db } from "@onsale/database/client";
import { countOrders, listOrders } from "@onsale/database/statements/orders/list-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { isUuid } from "@onsale/database/uuid";
import { hasDecision } from "@onsale/domain/order-status";
import { Type } from "typebox";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { type OrderReader, requireOrder } from "../catalogue/order-reader.ts";
import type { App } from "../http/app-type.ts";
import { etagOf, matchesEtag, parsePreferWait } from "../http/headers.ts";
import { clientGone } from "../http/http-server.ts";
import { isCount, readPageQuery, toPage } from "../http/page.ts";
import { header, preferHeader, problems, retryAfterHeader, waitGrantedHeader } from "../http/responses.ts";
import type { QueueEstimates } from "../results/queue-estimates.ts";
import type { WaitSlots } from "../results/wait-slots.ts";
import type { Waiters } from "../results/waiters.ts";

const tags = ["orders"];

export type OrderRouteParts = Readonly<{
  db: Db;
  catalogue: Catalogue;
  orderReader: OrderReader;
  waiters: Waiters;
  waitSlots: WaitSlots;
  queueEstimates: QueueEstimates;
}>;

export function registerOrderRoutes(app: App, parts: OrderRouteParts): void {
  registerGetOrder(app, parts);
  registerListOrders(app, parts);
}

function registerGetOrder(app: App, parts: OrderRouteParts): void {
  const { orderReader, waiters, waitSlots, queueEstimates } = parts;
  const getSchema = {
    tags,
    summary: "See what became of an order",
    description: "With `Prefer: wait` the answer waits while the order is pending, as you know it.",
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
        description: "The order is as you know it.",
        headers: { etag: header("Its version."), "preference-applied": waitGrantedHeader },
      },
      ...problems("order-not-found"),
    },
  };
  app.get("/orders/:id", { schema: getSchema, config: { scope: "orders:read" } }, async (request, reply) => {
    const { "if-none-match": known, prefer } = request.headers;
    const { accountId } = request;
    const found = await requireOrder(orderReader, accountId, request.params.id);
    const waitSeconds = parsePreferWait(prefer);
    const isNews = hasDecision(found.status) || (known !== undefined && !matchesEtag(known, etagOf(found)));
    const releaseSlot = waitSeconds === null || isNews ? undefined : waitSlots.take(accountId);
    const wait = () => waiters.wait(found, (waitSeconds ?? 0) * 1_000, clientGone(reply)).finally(releaseSlot);
    const order = releaseSlot === undefined ? found : await wait();
    const etag = etagOf(order);
    const isPending = !hasDecision(order.status);
    reply.header("etag", etag);
    if (releaseSlot !== undefined) reply.header("preference-applied", `wait=${waitSeconds}`);
    if (isPending) reply.header("retry-after", "1");
    if (matchesEtag(known, etag)) return reply.code(304).send();
    return reply.send(presentOrder(order, isPending ? await queueEstimates.estimate(order) : undefined));
  });
}

function registerListOrders(app: App, { db, catalogue }: OrderRouteParts): void {
  const listSchema = {
    tags,
    summary: "List orders, the newest first",
    querystring: Type.Object(
      {
        event: Type.Optional(EventCode),
        status: Type.Optional(Type.Enum([...orderStatuses], { description: "Only orders in this status." })),
        ...PageQuery,
      },
      { additionalProperties: false },
    ),
    response: { 200: Ref(OrderPage), ...problems("validation-failed") },
  };
  app.get("/orders", { schema: listSchema, config: { scope: "orders:read" } }, async (request) => {
    const { accountId } = request;
    const { event: code, status, ...pageQuery } = request.query;
    const page = readPageQuery(pageQuery, ([seq, id, ...rest]) =>
      isCount(seq) && id !== undefined && isUuid(id) && rest.length === 0
        ? { afterSeq: Number(seq), afterId: id }
        : null,
    );
    const event = code === undefined ? undefined : await catalogue.find(accountId, code);
    if (code !== undefined && event === undefined) return toPage(page, [], 0, present, () => []);
    const filter = { accountId, eventId: event?.id, status };
    const start = page.after?.position ?? { offset: page.number * page.size };
    const rows = await listOrders(db, filter, start, page.size + 1);
    const total = page.after?.total ?? (await countOrders(db, filter));
    return toPage(page, rows, total, present, (row) => [row.seq, row.id]);
  });
}

const present = (order: OrderRow) => presentOrder(order);
