// `onsale orders ...`
import { randomUUID } from "node:crypto";
import { purchase, watchOrder } from "@onsale/client";
import type { OrderStatus, Strategy } from "@onsale/contracts/order";
import { holdSecondsDefault, holdSecondsMax, holdSecondsMin, orderStatuses } from "@onsale/contracts/values";
import { type Command, Option } from "commander";
import { type ApiSource, call, pathOf, untilStopped } from "../../api/call.ts";
import { list } from "../../api/list.ts";
import {
  accessCode,
  eventCode,
  id,
  idempotencyKey,
  limitOption,
  lines,
  quantity,
  strategyOption,
  ticketType,
  wholeNumber,
} from "../../arguments.ts";
import { CommandError } from "../../output/failure.ts";
import { renderOrder, renderOrderLine, renderOrders } from "../../output/orders.ts";
import type { Output } from "../../output/output.ts";
import { shellWord } from "../../output/text.ts";
import { type ArchiveNeeds, addArchive } from "./archive.ts";
import { addOrderBooks } from "./order-books.ts";
import { addOrderChanges } from "./order-changes.ts";

type PurchaseOptions = Readonly<{
  item?: ReturnType<typeof lines>;
  allowPartial?: true;
  waitlist?: true;
  key?: string;
  strategy?: Strategy;
  customer?: string;
  accessCode?: string;
  wait: number;
}>;
type BuyOptions = PurchaseOptions & Readonly<{ hold?: true | number }>;
type HoldOptions = PurchaseOptions & Readonly<{ seconds: number }>;
type ListOptions = Readonly<{ event?: string; status?: OrderStatus; limit: number }>;

type Wanted = Parameters<typeof purchase>[1];

const waitSecondsMax = 600;
const noteAfterMs = 2_000;
/** What a purchase asks for. An order waits only when `--waitlist` asks for that. */
const successes: ReadonlySet<OrderStatus> = new Set(["CONFIRMED", "HELD", "WAITING"]);

export type OrdersNeeds = Pick<Output, "show" | "note"> &
  ArchiveNeeds &
  Readonly<{
    api: ApiSource;
    /** Makes the exit code 1. */
    fail: () => void;
  }>;

/** `onsale orders ...` */
export function addOrders(program: Command, needs: OrdersNeeds): void {
  const orders = program.command("orders").description("purchases");
  addBuy(orders, needs);
  addHold(orders, needs);
  addReading(orders, needs);
  addOrderChanges(orders, needs);
  addOrderBooks(orders, needs);
  addArchive(orders, needs);
}

function addBuy(orders: Command, needs: OrdersNeeds): void {
  addPurchase(orders, "buy")
    .description(
      "buy or hold tickets, and wait for the decision; exit code 0 only when the buyer has tickets, or waits",
    )
    .addOption(
      new Option(
        "--hold [seconds]",
        `hold the tickets until the order is confirmed (${holdSecondsDefault} s)`,
      ).argParser(wholeNumber(holdSecondsMin, holdSecondsMax)),
    )
    .action(async (event: string, type: string | undefined, tickets: number | undefined, options: BuyOptions) => {
      const { hold } = options;
      const terms = hold === true ? { hold } : { holdSeconds: hold };
      const wanted = wantedOf(orders, type, tickets, options);
      await buy(needs, { eventCode: event, ...wanted, ...terms }, options);
    });
}

/** The same as `buy --hold`. */
function addHold(orders: Command, needs: OrdersNeeds): void {
  addPurchase(orders, "hold")
    .description("hold tickets until the order is confirmed; exit code 0 only when they are held")
    .addOption(
      new Option("--seconds <seconds>", "for how long, from the decision on")
        .default(holdSecondsDefault)
        .argParser(wholeNumber(holdSecondsMin, holdSecondsMax)),
    )
    .action(async (event: string, type: string | undefined, tickets: number | undefined, options: HoldOptions) => {
      const wanted = wantedOf(orders, type, tickets, options);
      await buy(needs, { eventCode: event, ...wanted, holdSeconds: options.seconds }, options);
    });
}

/** What all commands have that record an order. */
function addPurchase(orders: Command, name: string): Command {
  return orders
    .command(name)
    .argument("<event>", "the event's code", eventCode)
    .argument("[type]", "the ticket type, such as STANDARD; or use --item", ticketType)
    .argument("[quantity]", "how many (default: 1)", quantity)
    .option("--item <type=quantity>", "a part of a basket, such as VIP=2; once per ticket type", lines)
    .option("--allow-partial", "grant each ticket type of a basket whole or not at all, instead of all or none")
    .option("--waitlist", "wait for tickets that come back, when too few are left")
    .option(
      "--key <key>",
      "idempotency key: all purchases with one key are the same purchase; default: random",
      idempotencyKey,
    )
    .addOption(strategyOption())
    .option("--customer <ref>", "your own reference for the buyer; limits per customer count by it")
    .option("--access-code <code>", "opens hidden ticket types, or raises the limit of the order", accessCode)
    .addOption(
      new Option("--wait <seconds>", "how long to retry, and to wait for the decision")
        .default(30)
        .argParser(wholeNumber(1, waitSecondsMax)),
    );
}

async function buy({ api, show, note, fail }: OrdersNeeds, wanted: Wanted, options: PurchaseOptions): Promise<void> {
  // Made here, to be printed when Ctrl-C comes before the answer.
  const { key = randomUUID(), strategy, customer, accessCode: code, wait } = options;
  const source = api();
  const { stop } = source;
  const how = { idempotencyKey: key, strategy, deadlineMs: wait * 1_000, signal: stop };
  const timer = setTimeout(note, noteAfterMs, `Waiting for up to ${wait} s; Ctrl-C ends it.`);
  const order = await purchase(source, { ...wanted, customerRef: customer, accessCode: code }, how)
    .catch((error: unknown) => {
      throw stop.aborted && error === stop.reason ? stoppedPurchase(key) : error;
    })
    .finally(() => clearTimeout(timer));
  show(order, renderOrder);
  if (order.status === "PENDING") {
    note(`The order is recorded and will be decided; follow it with: onsale orders watch ${order.id}`);
  }
  if (order.status === "HELD") note(`When it is paid, confirm it with: onsale orders confirm ${order.id}`);
  if (order.status === "WAITING") note(`It is offered tickets when some come back: onsale orders watch ${order.id}`);
  if (!successes.has(order.status)) fail();
}

/** What to buy, by the arguments or by `--item`; ends with an error of usage when both or none are given. */
function wantedOf(
  orders: Command,
  type: string | undefined,
  tickets: number | undefined,
  { item, allowPartial, waitlist }: PurchaseOptions,
) {
  const terms = { allowPartial, waitlist };
  if (item !== undefined && type === undefined) return { ...terms, items: item };
  if (item === undefined && type !== undefined) return { ...terms, ticketType: type, quantity: tickets ?? 1 };
  return orders.error("error: name the tickets either as <type> [quantity] or with --item TYPE=QUANTITY");
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
      show(await list(api(), { path: "/orders", query: { event, status } }, "Order", limit), renderOrders),
    );

  orders
    .command("watch")
    .description("follow an order until it is confirmed, rejected, cancelled or expired")
    .argument("<id>", "its id", id)
    .action(async (orderId: string) => {
      const source = api();
      const updates = watchOrder(source, orderId, { signal: source.stop });
      for await (const order of untilStopped(updates, source)) show(order, renderOrderLine);
    });
}
