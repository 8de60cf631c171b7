import { Order, OrderPage, orderStatuses } from "@onsale/contracts/order";
import { PageQuery } from "@onsale/contracts/page";
import { EventCode, Ref } from "@onsale/contracts/text";
import { countOrders, listOrders } from "@onsale/database/statements/list-orders";
import type { OrderRow } from "@onsale/database/statements/order-row";
import { isDecided } from "@onsale/domain/order-status";
import { presentOrder } from "@onsale/domain/present-order";
import { Type } from "typebox";
import { clientGone } from "../client-gone.ts";
import { etagOf, matchesEtag } from "../etag.ts";
import { isCount, readPageQuery, toPage } from "../page.ts";
import type { App, Parts } from "../parts.ts";
import { parsePreferWait } from "../prefer.ts";
import { requireOrder, uuidPattern } from "../require-order.ts";
import { header, preferHeader, problems, retryAfterHeader, waitGrantedHeader } from "./responses.ts";

const tags = ["orders"];

export function registerOrderRoutes(app: App, parts: Parts): void {
  registerGetOrder(app, parts);
  registerListOrders(app, parts);
}

function registerGetOrder(app: App, parts: Parts): void {
  const { waiters, room, queueEstimates } = parts;
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
    const found = await requireOrder(parts, accountId, request.params.id);
    const waitSeconds = parsePreferWait(prefer);
    const isNews = isDecided(found.status) || (known !== undefined && !matchesEtag(known, etagOf(found)));
    const leave = waitSeconds === null || isNews ? undefined : room.enter(accountId);
    const wait = () => waiters.wait(found, (waitSeconds ?? 0) * 1_000, clientGone(reply)).finally(leave);
    const order = leave === undefined ? found : await wait();
    const etag = etagOf(order);
    const isPending = !isDecided(order.status);
    reply.header("etag", etag);
    if (leave !== undefined) reply.header("preference-applied", `wait=${waitSeconds}`);
    if (isPending) reply.header("retry-after", "1");
    if (matchesEtag(known, etag)) return reply.code(304).send();
    return reply.send(presentOrder(order, isPending ? await queueEstimates.estimate(order) : undefined));
  });
}

function registerListOrders(app: App, { db, catalogue }: Parts): void {
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
      isCount(seq) && id !== undefined && uuidPattern.test(id) && rest.length === 0
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
