// Tables of orders, and the status of an order.
import { type ComponentChild, h } from "preact";
import type { OrderLine } from "../../console/messages/messages.ts";
import { formatDateTime, formatMilliseconds, formatTime } from "../format.ts";
import { ShortId } from "../parts/copy-button.ts";
import { wrappingTable } from "../parts/table.ts";
import { titleOf } from "./describe-order.ts";

type OrderTableProps = Readonly<{
  orders: readonly OrderLine[];
  isLoading: boolean;
  /** Whether the orders are of several events and days. */
  isMixed?: boolean;
}>;

/** Orders with links to their views. */
export function OrderTable({ orders, isLoading, isMixed = false }: OrderTableProps): ComponentChild {
  if (orders.length === 0) {
    const text = isLoading ? "Loading …" : "There are no such orders. Choose another status, or wait for the sale.";
    return h("p", { class: "quiet", role: "status" }, text);
  }
  const head = ["Tickets", "Status", ...(isMixed ? ["Event"] : []), "Accepted", "Id"];
  const rows = orders.map((order) => ({
    key: order.id,
    cells: [
      h("a", { href: `#/orders/${order.id}` }, titleOf(order)),
      h(Status, { order }),
      ...(isMixed ? [h("a", { href: `#/events/${order.eventId}`, class: "unbroken" }, order.eventCode)] : []),
      h(Accepted, { order, isMixed }),
      h(ShortId, { id: order.id, what: "the order's id", href: `#/orders/${order.id}` }),
    ],
  }));
  return wrappingTable(head, rows);
}

function Accepted({ order: { createdAt, decidedAt }, isMixed }: Readonly<{ order: OrderLine; isMixed: boolean }>) {
  const decided =
    decidedAt === null
      ? "not decided yet"
      : `decided in ${formatMilliseconds(Date.parse(decidedAt) - Date.parse(createdAt))}`;
  return h(
    "span",
    { class: "pair" },
    h("time", { dateTime: createdAt }, isMixed ? formatDateTime(createdAt) : formatTime(createdAt)),
    h("span", { class: "quiet small" }, decided),
  );
}

const statusClasses: Readonly<Record<string, string>> = {
  CONFIRMED: "ok",
  PENDING: "warn",
  WAITING: "warn",
  HELD: "warn",
};

/** An order's status, and the reason for it. */
export function Status({ order: { status, reason } }: { order: OrderLine }): ComponentChild {
  return h(
    "span",
    { class: "status" },
    h("b", { class: `tag ${statusClasses[status] ?? ""}` }, status.toLowerCase()),
    reason === null ? null : h("span", null, reason),
  );
}
