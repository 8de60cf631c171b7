// The view of one order: what happened to it, and its webhook deliveries.
import { type ComponentChild, type ComponentChildren, Fragment, h } from "preact";
import type { ItemLine, OrderDeliveryLine, OrderDetail } from "../../console/messages/messages.ts";
import { formatDateTime, formatMoney, formatSeconds } from "../format.ts";
import { useChange } from "../live/use-change.ts";
import { usePolled } from "../live/use-polled.ts";
import { CopyButton } from "../parts/copy-button.ts";
import { Failure } from "../parts/notes.ts";
import { findOrdersHash } from "../route.ts";
import { Attempts, DeliveryTag } from "./attempts.ts";
import { titleOf } from "./describe-order.ts";
import { OrderActions } from "./order-actions.ts";
import { Status } from "./order-table.ts";
import { Timeline } from "./order-timeline.ts";

const refreshMs = 1_000;
const refreshMaxMs = 10_000;

/**
 * An order that is neither pending nor held, and whose deliveries have ended, changes only when somebody changes it, so
 * it is polled less and less often. The time until a hold ends is read again with each poll.
 */
function pauseAfter({ order, deliveries }: OrderDetail, lastPauseMs: number): number {
  const hasEnded =
    order.status !== "PENDING" && order.status !== "HELD" && deliveries.every(({ status }) => status !== "PENDING");
  return hasEnded ? Math.min(refreshMaxMs, Math.max(refreshMs, 2 * lastPauseMs)) : refreshMs;
}

/** The view of one order: its outcome, its timeline, and its webhook deliveries. */
export function OrderView({ id, isReadOnly }: { id: string; isReadOnly: boolean }): ComponentChild {
  const path = `/api/orders/${encodeURIComponent(id)}`;
  const { value: detail, failure, refresh } = usePolled<OrderDetail>(path, pauseAfter);
  if (detail === undefined) {
    return failure === undefined
      ? h("p", { class: "card", role: "status" }, "Loading the order …")
      : h(
          Fragment,
          null,
          h(Failure, { failure, hasValue: false }),
          h("p", null, h("a", { href: "#/orders" }, "Find orders")),
        );
  }
  const { deliveries } = detail;
  return h(
    Fragment,
    null,
    h(Failure, { failure, hasValue: true }),
    h(Summary, { detail }),
    isReadOnly ? null : h(OrderActions, { detail, onChanged: refresh }),
    h("div", { class: "columns" }, h(Timeline, { detail }), h(Deliveries, { deliveries, isReadOnly, onSent: refresh })),
  );
}

function Summary({ detail }: { detail: OrderDetail }): ComponentChild {
  const { order, items, total, paymentReference } = detail;
  const facts: [string, ComponentChildren][] = [
    ["Status", h(Status, { order })],
    ["Tickets", items.map((item) => h("div", { key: item.ticketType }, describeItem(item)))],
    ...(total === null ? [] : [["Total", formatMoney(total)] satisfies [string, string]]),
    ...expiryOf(detail),
    ...(paymentReference === null ? [] : [["Payment", paymentReference] satisfies [string, string]]),
    ["Event", h("a", { href: `#/events/${order.eventId}` }, order.eventCode)],
    ["Strategy", order.strategy],
    ["Buyer", buyerOf(order.customerRef)],
    ["Version", String(order.version)],
  ];
  return h(
    "div",
    { class: "card title" },
    h(
      "p",
      { class: "quiet small" },
      h("a", { href: "#/orders" }, "Orders"),
      " / ",
      h("a", { href: `#/events/${order.eventId}` }, order.eventCode),
      " / order",
    ),
    h("h1", null, titleOf(order)),
    h(
      "p",
      { class: "short-id" },
      h("span", { class: "mono" }, order.id),
      h(CopyButton, { text: order.id, what: "the order's id" }),
    ),
    h(
      "dl",
      { class: "facts" },
      facts.map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value))),
    ),
  );
}

/** The buyer's other orders are one click away. */
function buyerOf(customerRef: string | null): ComponentChild {
  if (customerRef === null) return "not given";
  return h("a", { href: findOrdersHash(customerRef), title: "All orders of this buyer" }, customerRef);
}

function describeItem({ ticketType, quantity, unitPrice }: ItemLine): string {
  return `${quantity} ${ticketType}${unitPrice === null ? "" : ` at ${formatMoney(unitPrice)}`}`;
}

/** When the order's hold ends, or has ended; nothing of an order that is neither held nor expired. */
function expiryOf({ expiresAt, expiresInSeconds }: OrderDetail): [string, string][] {
  if (expiresAt === null) return [];
  if (expiresInSeconds !== null) {
    return [["Expires", expiresInSeconds === 0 ? "now" : `in ${formatSeconds(Math.ceil(expiresInSeconds))}`]];
  }
  return [["Expired", formatDateTime(expiresAt)]];
}

type SendAgainProps = Readonly<{ isReadOnly: boolean; onSent: () => void }>;

function Deliveries({
  deliveries,
  ...sendAgainProps
}: SendAgainProps & Readonly<{ deliveries: readonly OrderDeliveryLine[] }>): ComponentChild {
  const nothing = "Nothing of this order was sent: no endpoint subscribes to it, or its webhooks are being made.";
  return h(
    "section",
    { class: "card", "aria-label": "Webhooks" },
    h("h2", null, "Webhooks"),
    deliveries.length === 0 ? h("p", { class: "quiet" }, nothing) : null,
    deliveries.map((delivery) => h(Delivery, { ...sendAgainProps, delivery, key: delivery.id })),
  );
}

function Delivery({
  delivery,
  isReadOnly,
  onSent,
}: SendAgainProps & Readonly<{ delivery: OrderDeliveryLine }>): ComponentChild {
  const { id, endpointId, origin, isEnabled, type } = delivery;
  const change = useChange(`/api/webhooks/${endpointId}/`);
  const send = async () => {
    if ((await change.send(`deliveries/${id}/redeliver`, {})) !== undefined) onSent();
  };
  return h(
    "article",
    { class: "delivery" },
    h("div", { class: "heading" }, h("b", null, type), h(DeliveryTag, { delivery })),
    h(
      "p",
      { class: "quiet small" },
      h("a", { href: `#/webhooks/${endpointId}` }, origin),
      isEnabled ? "" : ", which is disabled: enable it to send again",
    ),
    h(Attempts, { delivery }),
    isReadOnly
      ? null
      : h(
          "button",
          { type: "button", onClick: () => void send(), disabled: !isEnabled || change.isSending },
          "Send again",
        ),
    change.note,
  );
}
