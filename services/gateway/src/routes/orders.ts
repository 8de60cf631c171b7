import { Order, OrderPage, orderStatuses } from "@onsale/contracts/order";
import { PageQuery } from "@onsale/contracts/page";
import { EventCode, Ref } from "@onsale/contracts/text";
import { getOrder } from "@onsale/database/statements/get-orders";
import { countOrders, listOrders } from "@onsale/database/statements/list-orders";
import { isDecided } from "@onsale/domain/order-status";
import { Type } from "typebox";
import { etagOf, matchesEtag } from "../etag.ts";
import { isCount, readPageQuery, toPage } from "../page.ts";
import type { App, Parts } from "../parts.ts";
import { presentOrder } from "../present.ts";
import { ProblemError } from "../problem-error.ts";
import { header, problems, retryAfterHeader } from "./responses.ts";

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function registerOrderRoutes(app: App, parts: Parts): void {
  const { db, accountId, catalogue } = parts;
  const tags = ["orders"];
  const getSchema = {
    tags,
    summary: "See what became of an order",
    params: Type.Object({ id: Type.String({ description: "The order's id." }) }),
    headers: Type.Object({
      "if-none-match": Type.Optional(Type.String({ description: "The ETag that you have.", examples: ['"1"'] })),
    }),
    response: {
      200: { ...Ref(Order), headers: { etag: header("The order's version."), "retry-after": retryAfterHeader } },
      304: { type: "null", description: "The order is as you know it.", headers: { etag: header("Its version.") } },
      ...problems("order-not-found"),
    },
  };
  app.get("/orders/:id", { schema: getSchema }, async (request, reply) => {
    const { id } = request.params;
    const order = uuidPattern.test(id) ? await getOrder(db, accountId, id) : undefined;
    if (order === undefined) throw new ProblemError("order-not-found", "No order has this id.");
    const etag = etagOf(order);
    reply.header("etag", etag);
    if (!isDecided(order.status)) reply.header("retry-after", "1");
    if (matchesEtag(request.headers["if-none-match"], etag)) return reply.code(304).send();
    return reply.send(presentOrder(order));
  });

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
  app.get("/orders", { schema: listSchema }, async (request) => {
    const { event: code, status, ...pageQuery } = request.query;
    const page = readPageQuery(pageQuery, ([seq, id, ...rest]) =>
      isCount(seq) && id !== undefined && uuidPattern.test(id) && rest.length === 0
        ? { afterSeq: Number(seq), afterId: id }
        : null,
    );
    const event = code === undefined ? undefined : await catalogue.find(accountId, code);
    if (code !== undefined && event === undefined) return toPage(page, [], 0, presentOrder, () => []);
    const filter = { accountId, eventId: event?.id, status };
    const start = page.after?.position ?? { offset: page.number * page.size };
    const rows = await listOrders(db, filter, start, page.size + 1);
    const total = page.after?.total ?? (await countOrders(db, filter));
    return toPage(page, rows, total, presentOrder, (row) => [row.seq, row.id]);
  });
}
