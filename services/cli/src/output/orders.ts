// Orders as text for people.
import { styleText } from "node:util";
import type { Transition } from "@onsale/client";
import type { Order, OrderStatus } from "@onsale/contracts/order";
import { type Listed, moreOf } from "../api/list.ts";
import { renderFields, renderTable } from "./table.ts";
import { count, money, plain, time } from "./text.ts";

type Line = Readonly<{ ticketType: string; quantity: number }>;
type Money = Readonly<{ amount: number; currency: string }>;

/** What an order of the gateway and an order of the client have in common. */
export type ShownOrder = Readonly<
  Pick<Order, "id" | "eventCode" | "status" | "strategy" | "customerRef" | "paymentReference"> &
    Pick<Order, "createdAt" | "decidedAt" | "expiresAt" | "version"> & {
      requestedItems: readonly Line[];
      items: readonly (Line & Readonly<{ unitPrice?: Money }>)[];
      reason: Readonly<{ code: string; detail: string }> | null;
      total?: Money;
      queue?: Readonly<{ ahead: number; estimatedSeconds: number | null }>;
      waitlist?: Readonly<{ position: number; estimatedSeconds: number | null }>;
    }
>;

/** An order with all its fields, one a line. */
export function renderOrder(order: ShownOrder): string {
  const optional = (name: string, value: string | null | undefined): [string, string][] =>
    value === null || value === undefined ? [] : [[name, plain(value)]];
  const requested = linesText(order.requestedItems);
  const decided = order.decidedAt === null ? "not yet" : `${time(order.decidedAt)} (after ${decidedAfter(order)})`;
  return renderFields([
    ["order", order.id],
    ["status", coloured(order.status)],
    ...optional("reason", order.reason?.detail),
    ["event", order.eventCode],
    ["tickets", order.items.map(renderItem).join(", ")],
    ...optional("asked for", requested === linesText(order.items) ? undefined : requested),
    ...optional("total", order.total === undefined ? undefined : money(order.total)),
    ...optional("customer", order.customerRef),
    ...optional("payment", order.paymentReference),
    ["strategy", order.strategy],
    ["created", time(order.createdAt)],
    ["decided", decided],
    ...optional(order.status === "HELD" ? "held until" : "was held until", untilText(order)),
    ...optional("ahead of it", order.queue === undefined ? undefined : `${count(order.queue.ahead)} orders`),
    ...optional("waiting list", placeText(order)),
    ["version", String(order.version)],
  ]);
}

/** An order on one line. */
export function renderOrderLine(order: ShownOrder): string {
  const { queue } = order;
  const line = queue === undefined ? "" : `  ${count(queue.ahead)} orders ahead${aboutText(queue)}`;
  const place = placeText(order);
  const waiting = place === undefined ? "" : `  ${place}`;
  const total = order.total === undefined ? "" : `  ${money(order.total)}`;
  const until = order.status === "HELD" ? `  until ${untilText(order)}` : "";
  const why = order.reason === null ? "" : `  ${plain(order.reason.detail)}`;
  const head = `${styleText("dim", time(order.decidedAt ?? order.createdAt))}  ${coloured(order.status)}`;
  return `${head}  ${linesText(order.items)}${total}${until}${line}${waiting}${why}`;
}

/** A list of orders as a table. */
export function renderOrders(listed: Listed<ShownOrder>): string {
  const heads = ["id", "event", "tickets", "total", "status", "created", "decided after", "held until"];
  const columns = heads.map((head) => ({ head, isFigure: head === "total" || head === "decided after" }));
  const rows = listed.items.map((order) => [
    order.id,
    order.eventCode,
    linesText(order.items),
    order.total === undefined ? "–" : money(order.total),
    coloured(order.status),
    time(order.createdAt),
    decidedAfter(order),
    order.status === "HELD" ? (untilText(order) ?? "–") : "–",
  ]);
  return renderTable(columns, rows, "There are no such orders.") + moreOf(listed);
}

/** The transitions of an order as a table. */
export function renderHistory(transitions: readonly Transition[]): string {
  const columns = ["at", "from", "to", "version", "given back", "by", "reason"].map((head) => ({
    head,
    isFigure: head === "version",
  }));
  const rows = transitions.map(({ at, from, to, version, items, actor, reason }) => [
    time(at),
    coloured(from),
    coloured(to),
    String(version),
    items === undefined ? "–" : linesText(items),
    plain(actor),
    plain(reason ?? "–"),
  ]);
  return renderTable(columns, rows, "The order has no decision yet.");
}

function renderItem({ ticketType, quantity, unitPrice }: ShownOrder["items"][number]): string {
  return `${count(quantity)} ${ticketType}${unitPrice === undefined ? "" : ` at ${money(unitPrice)}`}`;
}

function linesText(lines: readonly Line[]): string {
  return lines.map(({ ticketType, quantity }) => `${count(quantity)} ${ticketType}`).join(", ");
}

function aboutText({ estimatedSeconds }: Readonly<{ estimatedSeconds: number | null }>): string {
  return estimatedSeconds === null ? "" : `, about ${count(Math.ceil(estimatedSeconds))} s`;
}

function placeText({ waitlist }: ShownOrder): string | undefined {
  return waitlist === undefined ? undefined : `number ${count(waitlist.position)} in line${aboutText(waitlist)}`;
}

function untilText({ expiresAt }: ShownOrder): string | undefined {
  return expiresAt === null ? undefined : time(expiresAt);
}

function decidedAfter({ createdAt, decidedAt }: ShownOrder): string {
  if (decidedAt === null) return "–";
  return `${count(Math.max(0, Date.parse(decidedAt) - Date.parse(createdAt)))} ms`;
}

const colours = {
  PENDING: "yellow",
  WAITING: "blue",
  HELD: "cyan",
  CONFIRMED: "green",
  REJECTED: "magenta",
  EXPIRED: "gray",
  CANCELLED: "gray",
} as const satisfies Record<OrderStatus, string>;

function coloured(status: OrderStatus): string {
  return styleText(colours[status], status);
}
