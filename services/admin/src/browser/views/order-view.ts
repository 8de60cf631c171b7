import { type ComponentChild, type ComponentChildren, Fragment, h } from "preact";
import { useState } from "preact/hooks";
import type { DeliveryLine, OrderDetail, OrderLine } from "../../console/messages.ts";
import { formatMilliseconds, formatMoment, formatTime } from "../format.ts";
import { order as command } from "../live/ask.ts";
import { usePolled } from "../live/use-polled.ts";
import { Status } from "./event-view.ts";
import { Failure } from "./notes.ts";

const refreshMs = 1_000;
const refreshMaxMs = 10_000;

/** An order that is decided and told changes only when somebody has it told again; so it is asked for less and less. */
function pauseAfter({ order, deliveries }: OrderDetail, lastPauseMs: number): number {
  const isOver = order.decidedAt !== null && deliveries.every(({ status }) => status !== "PENDING");
  return isOver ? Math.min(refreshMaxMs, Math.max(refreshMs, 2 * lastPauseMs)) : refreshMs;
}

/** One order: what became of it, when, and who was told. */
export function OrderView({ id, isReadOnly }: { id: string; isReadOnly: boolean }): ComponentChild {
  const {
    value: detail,
    failure,
    refresh,
  } = usePolled<OrderDetail>(`/api/orders/${encodeURIComponent(id)}`, pauseAfter);
  if (detail === undefined) {
    return failure === undefined
      ? h("p", { class: "card", role: "status" }, "Looking for the order …")
      : h(Failure, { failure, isKnown: false });
  }
  const { order, deliveries } = detail;
  return h(
    Fragment,
    null,
    h(Failure, { failure, isKnown: true }),
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
    ["Buyer", order.customerRef ?? "not told"],
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

type Moment = Readonly<{ at: string; text: string; look?: string }>;

function Timeline({ detail: { order, deliveries } }: { detail: OrderDetail }): ComponentChild {
  const tookMs = order.decidedAt === null ? null : Date.parse(order.decidedAt) - Date.parse(order.createdAt);
  const decided: Moment[] =
    order.decidedAt === null
      ? []
      : [
          {
            at: order.decidedAt,
            text: `Decided after ${formatMilliseconds(tookMs)}: ${order.status.toLowerCase()}`,
            look: order.status === "REJECTED" ? "bad" : "ok",
          },
        ];
  const told = deliveries.flatMap(({ origin, type, attempts }) =>
    attempts.map(
      ({ startedAt, number, result, durationMs }): Moment => ({
        at: startedAt,
        text: `${type} to ${origin}, attempt ${number}: ${result} in ${formatMilliseconds(durationMs)}`,
        look: result === "delivered" ? "ok" : "bad",
      }),
    ),
  );
  const moments = [{ at: order.createdAt, text: "Accepted: the order is on disk" }, ...decided, ...told].sort(
    (one, other) => Date.parse(one.at) - Date.parse(other.at),
  );
  return h(
    "section",
    { class: "card", "aria-label": "Timeline" },
    h("h2", null, "Timeline"),
    h(
      "ol",
      { class: "timeline" },
      moments.map(({ at, text, look }: Moment, index) =>
        h(
          "li",
          { key: index, class: look ?? "" },
          h("time", { dateTime: at, title: formatMoment(at), class: "quiet small" }, precise(at)),
          h("span", null, text),
        ),
      ),
      order.decidedAt === null
        ? h("li", { key: "pending", class: "warn" }, h("span", null, "Waiting for its decision"))
        : null,
    ),
  );
}

/** Decisions follow within milliseconds. */
function precise(at: string): string {
  return `${formatTime(at)}.${at.slice(20, 23)}`;
}

type SendingProps = Readonly<{ orderId: string; isReadOnly: boolean; onSent: () => void }>;

function Deliveries({
  deliveries,
  ...sending
}: SendingProps & Readonly<{ deliveries: readonly DeliveryLine[] }>): ComponentChild {
  return h(
    "section",
    { class: "card", "aria-label": "Webhooks" },
    h("h2", null, "Webhooks"),
    deliveries.length === 0 ? h("p", { class: "quiet" }, "No endpoint was to be told of this order.") : null,
    deliveries.map((delivery) => h(Delivery, { ...sending, delivery, key: delivery.id })),
  );
}

function Delivery({
  orderId,
  delivery,
  isReadOnly,
  onSent,
}: SendingProps & Readonly<{ delivery: DeliveryLine }>): ComponentChild {
  const [message, setMessage] = useState("");
  const { id, endpointId, origin, status, nextAttemptAt, isEnabled, attempts, type } = delivery;
  const send = async () => {
    const answer = await command(`/api/orders/${orderId}/deliveries/${endpointId}/${id}/redeliver`);
    setMessage(answer.ok ? "It will be sent again at once." : answer.message);
    if (answer.ok) onSent();
  };
  const look = status === "DELIVERED" ? "ok" : status === "FAILED" ? "bad" : "warn";
  return h(
    "article",
    { class: "delivery" },
    h("div", { class: "heading" }, h("b", null, type), h("b", { class: `tag ${look}` }, status.toLowerCase())),
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
