// `onsale orders find` and `export`.
import { open, rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { exportOrders, ProblemError } from "@onsale/client";
import type { Order, OrderStatus } from "@onsale/contracts/order";
import { customerRefPattern, idempotencyKeyPattern, orderStatuses } from "@onsale/contracts/values";
import { type Command, Option } from "commander";
import { type Api, type ApiSource, call, pathOf } from "../../api/call.ts";
import { download } from "../../api/download.ts";
import { list } from "../../api/list.ts";
import { eventCode, limitOption } from "../../arguments.ts";
import { moment } from "../../moment.ts";
import { CommandError } from "../../output/failure.ts";
import { renderOrders } from "../../output/orders.ts";
import type { Output } from "../../output/output.ts";
import { count, plain, whyOf } from "../../output/text.ts";

export type OrderBooksNeeds = Pick<Output, "show" | "note"> & Readonly<{ api: ApiSource }>;

type ExportOptions = Readonly<{
  event: string;
  format: "csv" | "ndjson";
  to: string;
  since?: string;
  until?: string;
  status?: OrderStatus;
}>;

const progressMs = 2_000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The commands that find orders and export them. */
export function addOrderBooks(orders: Command, needs: OrderBooksNeeds): void {
  addFind(orders, needs);
  addExport(orders, needs);
}

function addFind(orders: Command, { api, show }: OrderBooksNeeds): void {
  orders
    .command("find")
    .description("find orders by what you have: an order's id, an idempotency key, a customer or a payment")
    .argument("<text>", "exactly as it was sent")
    .addOption(limitOption())
    .action(async (text: string, { limit }: Readonly<{ limit: number }>) => {
      const source = api();
      const found = new Map<string, Order>();
      for (const order of await findById(source, text)) found.set(order.id, order);
      for (const query of queriesFor(text)) {
        const { items } = await list(source, { path: "/orders", query }, "Order", limit);
        for (const order of items) found.set(order.id, order);
      }
      const items = [...found.values()];
      show({ items, total: items.length, totalIsExact: true }, renderOrders);
    });
}

async function findById(api: Api, text: string): Promise<Order[]> {
  if (!uuid.test(text)) return [];
  try {
    return [await call(api, { method: "GET", path: pathOf("orders", text) }, "Order")];
  } catch (error) {
    if (error instanceof ProblemError && error.code === "order-not-found") return [];
    throw error;
  }
}

/** The gateway refuses what can be no key, customer or payment; none of them has spaces. */
function queriesFor(text: string): Record<string, string>[] {
  const byKey = new RegExp(idempotencyKeyPattern, "u").test(text) ? [{ idempotencyKey: text }] : [];
  const isReference = new RegExp(customerRefPattern, "u").test(text);
  return isReference ? [...byKey, { customerRef: text }, { paymentReference: text }] : byKey;
}

function addExport(orders: Command, { api, show, note }: OrderBooksNeeds): void {
  orders
    .command("export")
    .description("write all orders of an event to a file, which appears only when it is complete")
    .requiredOption("--event <code>", "the event's code", eventCode)
    .addOption(
      new Option("--format <name>", "for accountants, or for programs").choices(["csv", "ndjson"]).default("csv"),
    )
    .requiredOption("--to <file>", "the file; one that exists is replaced")
    .option("--since <time>", "only orders that were accepted at this time or later", moment)
    .option("--until <time>", "only orders that were accepted before this time", moment)
    .addOption(new Option("--status <status>", "only orders in this status").choices(orderStatuses))
    .action(async (options: ExportOptions) => {
      const { event, format, to: file } = options;
      const unfinished = `${file}.part`;
      const progress = { lines: 0 };
      const what = format === "csv" ? "rows" : "orders";
      const timer = setInterval(() => note(`${count(progress.lines)} ${what}`), progressMs);
      try {
        await writeFile(unfinished, linesOf(api(), options, progress));
        await rename(unfinished, file);
      } finally {
        clearInterval(timer);
        await rm(unfinished, { force: true });
      }
      show({ event, format, file, [what]: progress.lines }, () => `${count(progress.lines)} ${what} in ${plain(file)}`);
    });
}

/** The lines of the file. Those of NDJSON continue by themselves after a broken connection. */
async function* linesOf(api: Api, options: ExportOptions, progress: { lines: number }): AsyncGenerator<string> {
  const { event, format, since: from, until: to, status } = options;
  if (format === "ndjson") {
    const exported = exportOrders(api, event, { from, to, status, signal: api.stop });
    for await (const order of exported) {
      progress.lines++;
      yield `${JSON.stringify(order)}\n`;
    }
    return;
  }
  // The first row has the names of the columns.
  progress.lines = -1;
  const path = pathOf("events", event, "orders.csv");
  for await (const text of download(api, { method: "GET", path, query: { from, to, status } })) {
    progress.lines += text.split("\r\n").length - 1;
    yield text;
  }
}

/** @throws CommandError when the file cannot be written */
async function writeFile(file: string, lines: AsyncIterable<string>): Promise<void> {
  const handle = await open(file, "w").catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? "its folder does not exist" : whyOf(cause);
    throw new CommandError(`${file} cannot be written: ${why}.`, "Choose another file with --to.");
  });
  await pipeline(Readable.from(lines), handle.createWriteStream());
}
