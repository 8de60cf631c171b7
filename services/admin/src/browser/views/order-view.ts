// The view of one order: what happened to it, and its webhook deliveries.
import { type ComponentChild, type ComponentChildren, Fragment, h } from "preact";
import { useState } from "preact/hooks";
import type { DeliveryLine, ItemLine, OrderDetail } from "../../console/messages.ts";
import { formatDateTime, formatMoney, formatSeconds, formatTime } from "../format.ts";
import { post } from "../live/requests.ts";
import { usePolled } from "../live/use-polled.ts";
import { Failure } from "./notes.ts";
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
      : h(Failure, { failure, hasValue: false });
  }
  const { order, deliveries } = detail;
  return h(
    Fragment,
    null,
    h(Failure, { failure, hasValue: true }),
    h(Summary, { detail }),
    isReadOnly ? null : h(OrderActions, { detail, onChanged: refresh }),
    h(
      "div",
      { class: "columns" },
      h(Timeline, { detail }),
      h(Deliveries, { orderId: order.id, deliveries, isReadOnly, onSent: refresh }),
    ),
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
    ["Buyer", order.customerRef ?? "not given"],
    ["Version", String(order.version)],
  ];
  return h(
    "div",
    { class: "card title" },
    h(
      "p",
      { class: "quiet small" },
      h("a", { href: "#/" }, "Sale"),
      " / ",
      h("a", { href: `#/events/${order.eventId}` }, order.eventCode),
      " / order",
    ),
    h("h1", { class: "mono" }, order.id),
    h(
      "dl",
      { class: "facts" },
      facts.map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value))),
    ),
  );
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

type SendAgainProps = Readonly<{ orderId: string; isReadOnly: boolean; onSent: () => void }>;

function Deliveries({
  deliveries,
  ...sendAgainProps
}: SendAgainProps & Readonly<{ deliveries: readonly DeliveryLine[] }>): ComponentChild {
  return h(
    "section",
    { class: "card", "aria-label": "Webhooks" },
    h("h2", null, "Webhooks"),
    deliveries.length === 0 ? h("p", { class: "quiet" }, "There are no webhook deliveries for this order.") : null,
    deliveries.map((delivery) => h(Delivery, { ...sendAgainProps, delivery, key: delivery.id })),
  );
}

function Delivery({
  orderId,
  delivery,
  isReadOnly,
  onSent,
}: SendAgainProps & Readonly<{ delivery: DeliveryLine }>): ComponentChild {
  const [message, setMessage] = useState("");
  const { id, endpointId, origin, status, nextAttemptAt, isEnabled, attempts, type } = delivery;
  const send = async () => {
    const result = await post(`/api/orders/${orderId}/deliveries/${endpointId}/${id}/redeliver`);
    setMessage(result.ok ? "It will be sent again at once." : result.message);
    if (result.ok) onSent();
  };
  const tone = status === "DELIVERED" ? "ok" : status === "FAILED" ? "bad" : "warn";
  return h(
    "article",
    { class: "delivery" },
    h("div", { class: "heading" }, h("b", null, type), h("b", { class: `tag ${tone}` }, status.toLowerCase())),
    h("p", { class: "quiet small" }, `${origin}${isEnabled ? "" : ", which is disabled"}`),
    nextAttemptAt === null ? null : h("p", { class: "small" }, `Next attempt at ${formatTime(nextAttemptAt)}`),
    attempts.map(({ number, result, status: code, error, responseBody }) =>
      h(
        "p",
        { class: "small", key: number },
        `Attempt ${number}: ${result}${code === null ? "" : ` (${code})`}${error === null ? "" : `, ${error}`}`,
        responseBody === null || responseBody === "" ? null : h("code", { class: "answer" }, responseBody),
      ),
    ),
    isReadOnly ? null : h("button", { type: "button", onClick: () => void send(), disabled: !isEnabled }, "Send again"),
    h("p", { class: "small", role: "status" }, message),
  );
}
