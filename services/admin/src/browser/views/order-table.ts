// Tables of orders, and the status of an order.
import { type ComponentChild, h } from "preact";
import type { OrderLine } from "../../console/messages.ts";
import { formatDateTime, formatTime } from "../format.ts";

type OrderTableProps = Readonly<{
  orders: readonly OrderLine[];
  isLoading: boolean;
  /** Whether the orders are of several events and days. */
  isMixed?: boolean;
}>;

/** Orders with links to their views. */
export function OrderTable({ orders, isLoading, isMixed = false }: OrderTableProps): ComponentChild {
  if (orders.length === 0) {
    return h("p", { class: "quiet", role: "status" }, isLoading ? "Loading …" : "There are no such orders.");
  }
  const head = ["Order", "Status", "Tickets", ...(isMixed ? ["Event", "Buyer"] : []), "Accepted", "Decided"];
  return h(
    "div",
    { class: "scrolling", tabIndex: 0, role: "group", "aria-label": "Orders" },
    h(
      "table",
      null,
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          head.map((name) => h("th", { scope: "col", key: name }, name)),
        ),
      ),
      h(
        "tbody",
        null,
        orders.map((order) => h(OrderRow, { order, isMixed, key: order.id })),
      ),
    ),
  );
}

function OrderRow({ order, isMixed }: Readonly<{ order: OrderLine; isMixed: boolean }>): ComponentChild {
  return h(
    "tr",
    null,
    h("td", null, h("a", { href: `#/orders/${order.id}`, class: "mono" }, order.id)),
    h("td", null, h(Status, { order })),
    h("td", null, `${order.quantity} ${order.ticketType}`),
    isMixed ? h("td", null, h("a", { href: `#/events/${order.eventId}` }, order.eventCode)) : null,
    isMixed ? h("td", null, order.customerRef ?? "not given") : null,
    h("td", null, isMixed ? formatDateTime(order.createdAt) : formatTime(order.createdAt)),
    h("td", null, order.decidedAt === null ? "not yet" : formatTime(order.decidedAt)),
  );
}

const statusClasses: Readonly<Record<string, string>> = {
  CONFIRMED: "ok",
  REJECTED: "bad",
  PENDING: "warn",
  WAITING: "warn",
  HELD: "warn",
  EXPIRED: "bad",
  CANCELLED: "bad",
};

/** An order's status, and the reason for it. */
export function Status({ order: { status, reason } }: { order: OrderLine }): ComponentChild {
  return h(
    "span",
    null,
    h("b", { class: `tag ${statusClasses[status] ?? ""}` }, status.toLowerCase()),
    reason === null ? "" : ` ${reason}`,
  );
}
