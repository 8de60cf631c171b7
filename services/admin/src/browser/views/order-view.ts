// The view of one order: what happened to it, and its webhook deliveries.
import { type ComponentChild, type ComponentChildren, Fragment, h } from "preact";
import { useState } from "preact/hooks";
import type { DeliveryLine, OrderDetail, OrderLine } from "../../console/messages.ts";
import { formatDateTime, formatMilliseconds, formatTime } from "../format.ts";
import { post } from "../live/requests.ts";
import { usePolled } from "../live/use-polled.ts";
import { Status } from "./event-view.ts";
import { Failure } from "./notes.ts";

const refreshMs = 1_000;
const refreshMaxMs = 10_000;

/** An order whose deliveries have ended changes only when one is sent again, so it is polled less and less often. */
function pauseAfter({ order, deliveries }: OrderDetail, lastPauseMs: number): number {
  const hasEnded = order.decidedAt !== null && deliveries.every(({ status }) => status !== "PENDING");
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
    h(Summary, { order }),
    h(
      "div",
      { class: "columns" },
      h(Timeline, { detail }),
      h(Deliveries, { orderId: order.id, deliveries, isReadOnly, onSent: refresh }),
    ),
  );
}

function Summary({ order }: { order: OrderLine }): ComponentChild {
  const facts: [string, ComponentChildren][] = [
    ["Status", h(Status, { order })],
    ["Tickets", `${order.quantity} ${order.ticketType}`],
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

type TimelineEntry = Readonly<{ at: string; text: string; tone?: "ok" | "bad" }>;

function Timeline({ detail: { order, deliveries } }: { detail: OrderDetail }): ComponentChild {
  const tookMs = order.decidedAt === null ? null : Date.parse(order.decidedAt) - Date.parse(order.createdAt);
  const decided: TimelineEntry[] =
    order.decidedAt === null
      ? []
      : [
          {
            at: order.decidedAt,
            text: `Decided after ${formatMilliseconds(tookMs)}: ${order.status.toLowerCase()}`,
            tone: order.status === "REJECTED" ? "bad" : "ok",
          },
        ];
  const attempted = deliveries.flatMap(({ origin, type, attempts }) =>
    attempts.map(
      ({ startedAt, number, result, durationMs }): TimelineEntry => ({
        at: startedAt,
        text: `${type} to ${origin}, attempt ${number}: ${result} in ${formatMilliseconds(durationMs)}`,
        tone: result === "delivered" ? "ok" : "bad",
      }),
    ),
  );
  const entries: TimelineEntry[] = [
    { at: order.createdAt, text: "Accepted: the order is on disk" },
    ...decided,
    ...attempted,
  ].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return h(
    "section",
    { class: "card", "aria-label": "Timeline" },
    h("h2", null, "Timeline"),
    h(
      "ol",
      { class: "timeline" },
      entries.map(({ at, text, tone }: TimelineEntry, index) =>
        h(
          "li",
          { key: index, class: tone ?? "" },
          h("time", { dateTime: at, title: formatDateTime(at), class: "quiet small" }, formatPreciseTime(at)),
          h("span", null, text),
        ),
      ),
      order.decidedAt === null
        ? h("li", { key: "pending", class: "warn" }, h("span", null, "Pending: not decided yet"))
        : null,
    ),
  );
}

/** With milliseconds: decisions follow within a few of them. */
function formatPreciseTime(at: string): string {
  return `${formatTime(at)}.${at.slice(20, 23)}`;
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
