// Routes of an event's books: what it sold, and exports of its orders.
import { SalesReport, salesIntervals } from "@onsale/contracts/books";
import { presentOrder } from "@onsale/contracts/present-order";
import { EventCode, Ref, Timestamp } from "@onsale/contracts/text";
import { isUsableTime, unusableTime } from "@onsale/contracts/time";
import { orderStatuses } from "@onsale/contracts/values";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { Type } from "typebox";
import type { StreamKeys } from "../access/stream-keys.ts";
import type { BookConnections } from "../books/book-connections.ts";
import { csvHead, csvRows } from "../books/csv.ts";
import { openExport } from "../books/exports.ts";
import { readSales } from "../books/sales.ts";
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import type { App } from "../http/app-type.ts";
import { clientGone } from "../http/http-server.ts";
import { header, routeProblems } from "../http/responses.ts";
import { openTextStream, type TextStream } from "../http/text-stream.ts";
import { validationProblem } from "../http/validation.ts";

/** Slower readers are cut: an export at a few kilobytes a second would keep its slot for days. */
const stallMaxMs = 2 * 60_000;

/** Orders of a chunk: some 10 KB. Texts of more than 128 KB would be large objects for V8, which it frees late. */
const chunkSize = 20;

const byCode = Type.Object({ code: EventCode });
const tags = ["books"];
const problems = routeProblems("validation-failed", "event-not-found");

export type BookRouteParts = Readonly<{
  bookConnections: BookConnections;
  catalogue: Catalogue;
  streamKeys: StreamKeys;
}>;

export function registerBookRoutes(app: App, parts: BookRouteParts): void {
  registerSales(app, parts);
  registerExports(app, parts);
}

function registerSales(app: App, { bookConnections, catalogue }: BookRouteParts): void {
  const schema = {
    tags,
    operationId: "getSales",
    summary: "Read what an event sold, by ticket type and time",
    description:
      "Counted from the orders and their later changes, so it agrees with the audit and with the inventory. Reading " +
      "takes about 1 s per 100,000 orders in the time asked for, twice that for orders that were held.",
    params: byCode,
    querystring: Type.Object(
      {
        from: Type.Optional(Timestamp("Only what happened at this time or later.")),
        to: Type.Optional(Timestamp("Only what happened before this time.")),
        interval: Type.Optional(
          Type.Enum(Object.keys(salesIntervals) as (keyof typeof salesIntervals)[], {
            default: "minute",
            examples: ["hour"],
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: { 200: Ref(SalesReport), ...problems },
  };
  app.get("/events/:code/sales", { schema, config: { scope: "orders:read", shedAt: 1 } }, async (request, reply) => {
    const { accountId, query } = request;
    const range = { ...readTimes(query), interval: query.interval ?? "minute" };
    const event = await requireCatalogueEvent(catalogue, accountId, request.params.code);
    return readSales(bookConnections, accountId, event, range, clientGone(reply));
  });
}

const exportQuery = Type.Object(
  {
    from: Type.Optional(Timestamp("Only orders that were accepted at this time or later.")),
    to: Type.Optional(Timestamp("Only orders that were accepted before this time.")),
    status: Type.Optional(
      Type.Enum([...orderStatuses], { description: "Only orders in this status.", examples: ["CONFIRMED"] }),
    ),
    after: Type.Optional(
      Type.String({
        format: "uuid",
        description: "Continues an export that was cut: the id of the last order that you have.",
        examples: ["0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10"],
      }),
    ),
  },
  { additionalProperties: false },
);

const exportDescription =
  "All orders that were accepted before the export began, by their arrival, each as it is when it is read. The answer " +
  "has no length in advance; it is complete when it ends properly (the last chunk of HTTP/1.1), and says so itself: ";

/** How an order is written, and what stands before and after all of them. */
type Format = Readonly<{ head: string; write: (order: OrderRow) => string; end: (orderCount: number) => string }>;

const csv: Format = { head: csvHead, write: csvRows, end: () => "" };
const ndjson: Format = {
  head: "",
  write: (order) => `${JSON.stringify(presentOrder(order))}\n`,
  end: (orders) => `${JSON.stringify({ end: { orders } })}\n`,
};

function registerExports(app: App, parts: BookRouteParts): void {
  const open = new Set<TextStream>();
  // A closing server does not wait for slow readers; they continue after the last order that they have.
  app.addHook("preClose", (done) => {
    for (const stream of open) stream.end();
    done();
  });
  const exporting = { ...parts, open };
  registerExport(app, exporting, csv, {
    operationId: "exportOrdersAsCsv",
    extension: "csv",
    mediaType: "text/csv",
    parameters: "; charset=utf-8; header=present",
    description:
      `${exportDescription}the trailer \`x-orders-count\` has the number of orders. One row for each ticket type that ` +
      "an order asked for; amounts are in the currency's minor unit. A text that a spreadsheet could take for a " +
      "formula begins with an apostrophe.",
  });
  registerExport(app, exporting, ndjson, {
    operationId: "exportOrdersAsNdjson",
    extension: "ndjson",
    mediaType: "application/x-ndjson",
    parameters: "",
    description:
      `${exportDescription}its last line is \`{"end":{"orders":N}}\` (schema \`ExportEnd\`), and the trailer ` +
      "`x-orders-count` has the same number. Every other line is an order (schema `Order`).",
  });
}

type Documented = Readonly<
  Record<"operationId" | "extension" | "mediaType" | "parameters" | "description", string> & {
    extension: "csv" | "ndjson";
  }
>;

type ExportParts = BookRouteParts & Readonly<{ open: Set<TextStream> }>;

function registerExport(app: App, parts: ExportParts, format: Format, documented: Documented): void {
  const { bookConnections, catalogue, streamKeys, open } = parts;
  const { operationId, extension, mediaType, parameters, description } = documented;
  const schema = {
    tags,
    operationId,
    summary: `Export an event's orders as ${extension.toUpperCase()}`,
    description,
    params: byCode,
    querystring: exportQuery,
    response: {
      200: {
        description: "The orders.",
        headers: { trailer: header("`x-orders-count`: the number of orders, sent after the last one.") },
        content: { [mediaType]: { schema: Type.String() } },
      },
      ...problems,
    },
  };
  const options = { schema, config: { scope: "orders:read", shedAt: 1 }, exposeHeadRoute: false } as const;
  app.get(`/events/:code/orders.${extension}`, options, async (request, reply) => {
    const { accountId } = request;
    const { status, after: afterId, ...times } = request.query;
    const filter = { ...readTimes(times), status, afterId };
    const event = await requireCatalogueEvent(catalogue, accountId, request.params.code);
    const stream = openTextStream(reply, stallMaxMs);
    stream.onEnd(await bookConnections.takeSlot(accountId));
    const pages = await openExport(bookConnections, accountId, event, filter);
    if (pages === undefined)
      throw validationProblem([{ pointer: "/query/after", detail: "is no order of this event" }]);
    open.add(stream);
    stream.onEnd(() => open.delete(stream));
    streamKeys.follow(request, stream);
    const counted = { orders: 0 };
    reply
      .type(`${mediaType}${parameters}`)
      .header("content-disposition", `attachment; filename="${event.code}-orders.${extension}"`)
      .header("cache-control", "no-store")
      .trailer("x-orders-count", async () => String(counted.orders));
    return stream.send(writeOrders(pages, format, counted));
  });
}

async function* writeOrders(
  pages: AsyncIterable<readonly OrderRow[]>,
  { head, write, end }: Format,
  counted: { orders: number },
): AsyncGenerator<string> {
  yield head;
  for await (const page of pages) {
    counted.orders += page.length;
    for (let first = 0; first < page.length; first += chunkSize) {
      yield page
        .slice(first, first + chunkSize)
        .map(write)
        .join("");
    }
  }
  yield end(counted.orders);
}

/** @throws ProblemError `validation-failed` for times that do not exist, or a range that ends before it begins */
function readTimes({ from, to }: Readonly<{ from?: string; to?: string }>) {
  const range = { from: readTime("from", from), to: readTime("to", to) };
  if (range.from !== null && range.to !== null && range.from >= range.to) {
    throw validationProblem([{ pointer: "/query/to", detail: "must be later than from" }]);
  }
  return range;
}

function readTime(name: string, text: string | undefined): Date | null {
  if (text === undefined) return null;
  const time = new Date(text);
  if (!isUsableTime(time)) throw validationProblem([{ pointer: `/query/${name}`, detail: unusableTime }]);
  return time;
}
