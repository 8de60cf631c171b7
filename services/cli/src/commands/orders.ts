// `onsale orders ...`
import { randomUUID } from "node:crypto";
import { styleText } from "node:util";
import { purchase, watchOrder } from "@onsale/client";
import type { Order, OrderStatus, Strategy } from "@onsale/contracts/order";
import { orderStatuses } from "@onsale/contracts/values";
import { type Command, Option } from "commander";
import { type ApiSource, call, pathOf, untilStopped } from "../api/call.ts";
import { list, moreOf } from "../api/list.ts";
import {
  eventCode,
  id,
  idempotencyKey,
  limitOption,
  quantity,
  strategyOption,
  ticketType,
  wholeNumber,
} from "../arguments.ts";
import { CommandError } from "../output/failure.ts";
import type { Output } from "../output/output.ts";
import { renderFields, renderTable } from "../output/table.ts";
import { count, plain, shellWord, time } from "../output/text.ts";

type BuyOptions = Readonly<{ key?: string; strategy?: Strategy; customer?: string; wait: number }>;
type ListOptions = Readonly<{ event?: string; status?: OrderStatus; limit: number }>;
/** What an order of the gateway and an order of the client have in common. */
type ShownOrder = Omit<Order, "items" | "requestedItems" | "total" | "reason" | "queue"> &
  Readonly<{
    items: readonly Readonly<{ ticketType: string; quantity: number }>[];
    reason: Readonly<{ code: string; detail: string }> | null;
    queue?: Order["queue"];
  }>;

const waitSecondsMax = 600;
const noteAfterMs = 2_000;

export type OrdersNeeds = Pick<Output, "show" | "note"> &
  Readonly<{
    api: ApiSource;
    /** Makes the exit code 1. */
    fail: () => void;
  }>;

/** `onsale orders ...` */
export function addOrders(program: Command, needs: OrdersNeeds): void {
  const orders = program.command("orders").description("purchases");
  addBuy(orders, needs);
  addReading(orders, needs);
}

function addBuy(orders: Command, { api, show, note, fail }: OrdersNeeds): void {
  orders
    .command("buy")
    .description("buy tickets, and wait for the decision; exit code 0 only when they are bought")
    .argument("<event>", "the event's code", eventCode)
    .argument("<type>", "the ticket type, such as STANDARD", ticketType)
    .argument("[quantity]", "how many", quantity, 1)
    .option(
      "--key <key>",
      "idempotency key: all purchases with one key are the same purchase; default: random",
      idempotencyKey,
    )
    .addOption(strategyOption())
    .option("--customer <ref>", "your own reference for the buyer")
    .addOption(
      new Option("--wait <seconds>", "how long to retry, and to wait for the decision")
        .default(30)
        .argParser(wholeNumber(1, waitSecondsMax)),
    )
    .action(async (event: string, type: string, tickets: number, { key, strategy, customer, wait }: BuyOptions) => {
      const request = { eventCode: event, ticketType: type, quantity: tickets };
      const buyer = customer === undefined ? {} : { customerRef: customer };
      // Made here, to be printed when Ctrl-C comes before the answer.
      const purchaseKey = key ?? randomUUID();
      const source = api();
      const { stop } = source;
      const options = { idempotencyKey: purchaseKey, strategy, deadlineMs: wait * 1_000, signal: stop };
      const timer = setTimeout(note, noteAfterMs, `Waiting for up to ${wait} s; Ctrl-C ends it.`);
      const order = await purchase(source, { ...request, ...buyer }, options)
        .catch((error: unknown) => {
          throw stop.aborted && error === stop.reason ? stoppedPurchase(purchaseKey) : error;
        })
        .finally(() => clearTimeout(timer));
      show(order, renderOrder);
      if (order.status === "PENDING") {
        note(`The order is recorded and will be decided; follow it with: onsale orders watch ${order.id}`);
      }
      if (order.status !== "CONFIRMED") fail();
    });
}

function stoppedPurchase(key: string): CommandError {
  return new CommandError(
    "Stopped before there was an answer: the purchase may be recorded or not.",
    `Run the same command with this key to find out; it buys once at most: --key ${shellWord(key)}`,
  );
}

function addReading(orders: Command, { api, show }: OrdersNeeds): void {
  orders
    .command("show")
    .description("show an order")
    .argument("<id>", "its id", id)
    .action(async (orderId: string) =>
      show(await call(api(), { method: "GET", path: pathOf("orders", orderId) }, "Order"), renderOrder),
    );

  orders
    .command("list")
    .description("list orders, the newest first")
    .option("--event <code>", "only orders of this event", eventCode)
    .addOption(new Option("--status <status>", "only orders in this status").choices(orderStatuses))
    .addOption(limitOption())
    .action(async ({ event, status, limit }: ListOptions) =>
      show(await list(api(), { path: "/orders", query: { event, status } }, "Order", limit), (listed) => {
        const columns = ["id", "event", "type", "tickets", "status", "created", "decided after"].map((head) => ({
          head,
          isFigure: head === "tickets" || head === "decided after",
        }));
        const rows = listed.items.map((order) => [
          order.id,
          order.eventCode,
          order.items.map(({ ticketType }) => ticketType).join(" + "),
          count(order.items.reduce((sum, { quantity }) => sum + quantity, 0)),
          coloured(order.status),
          time(order.createdAt),
          decidedAfter(order),
        ]);
        return renderTable(columns, rows, "There are no such orders.") + moreOf(listed);
      }),
    );

  orders
    .command("watch")
    .description("follow an order until it is decided")
    .argument("<id>", "its id", id)
    .action(async (orderId: string) => {
      const source = api();
      const updates = watchOrder(source, orderId, { signal: source.stop });
      for await (const order of untilStopped(updates, source)) show(order, renderOrderLine);
    });
}

function renderOrderLine(order: ShownOrder): string {
  const { queue } = order;
  const seconds = queue?.estimatedSeconds ?? null;
  const about = seconds === null ? "" : `, about ${Math.ceil(seconds)} s`;
  const line = queue === undefined ? "" : `  ${count(queue.ahead)} orders ahead${about}`;
  const why = order.reason === null ? "" : `  ${plain(order.reason.detail)}`;
  return `${styleText("dim", time(order.decidedAt ?? order.createdAt))}  ${coloured(order.status)}${line}${why}`;
}

function renderOrder(order: ShownOrder): string {
  const optional = (name: string, value: string | null | undefined): [string, string][] =>
    value === null || value === undefined ? [] : [[name, plain(value)]];
  return renderFields([
    ["order", order.id],
    ["status", coloured(order.status)],
    ...optional("reason", order.reason?.detail),
    ["event", order.eventCode],
    ["tickets", order.items.map(({ ticketType, quantity }) => `${count(quantity)} ${ticketType}`).join(", ")],
    ...optional("customer", order.customerRef),
    ["strategy", order.strategy],
    ["created", time(order.createdAt)],
    ["decided", order.decidedAt === null ? "not yet" : `${time(order.decidedAt)} (after ${decidedAfter(order)})`],
    ...optional("ahead of it", order.queue === undefined ? undefined : `${count(order.queue.ahead)} orders`),
    ["version", String(order.version)],
  ]);
}

function decidedAfter({ createdAt, decidedAt }: ShownOrder): string {
  if (decidedAt === null) return "–";
  return `${count(Math.max(0, Date.parse(decidedAt) - Date.parse(createdAt)))} ms`;
}

const colours = {
  PENDING: "yellow",
  HELD: "cyan",
  CONFIRMED: "green",
  REJECTED: "magenta",
  EXPIRED: "gray",
  CANCELLED: "gray",
} as const satisfies Record<OrderStatus, string>;

function coloured(status: OrderStatus): string {
  return styleText(colours[status], status);
}
