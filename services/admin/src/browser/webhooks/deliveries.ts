// The deliveries of an endpoint: filtered, a page at a time, each with its attempts, and sent again.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { DeliveryLine } from "../../console/messages/messages.ts";
import type { DeliveryPage, EndpointLine } from "../../console/messages/webhook-messages.ts";
import { Pager } from "../event/pager.ts";
import { formatDateTime, formatTime } from "../format.ts";
import { useChange } from "../live/use-change.ts";
import { usePolled } from "../live/use-polled.ts";
import { Attempts, DeliveryTag } from "../orders/attempts.ts";
import { describeResult } from "../orders/describe-attempt.ts";
import { ShortId } from "../parts/copy-button.ts";
import { Failure } from "../parts/notes.ts";
import { isUuid } from "../route.ts";

const refreshMs = 2_000;
const statuses = ["PENDING", "DELIVERED", "FAILED"];

type Filter = Readonly<{ status: string; type: string; order: string }>;
const unfiltered: Filter = { status: "", type: "", order: "" };

type DeliveriesProps = Readonly<{ endpoint: EndpointLine; isReadOnly: boolean }>;

export function Deliveries({ endpoint, isReadOnly }: DeliveriesProps): ComponentChild {
  const [filter, setFilter] = useState<Filter>(unfiltered);
  const [after, setAfter] = useState<string | null>(null);
  const change = (part: Partial<Filter>) => {
    setAfter(null);
    setFilter({ ...filter, ...part });
  };
  const isOrderOdd = filter.order !== "" && !isUuid(filter.order);
  const chosen = Object.entries({ ...filter, after: after ?? "" }).filter(([, value]) => value !== "");
  const path = isOrderOdd ? null : `/api/webhooks/${endpoint.id}/deliveries?${new URLSearchParams(chosen)}`;
  // Only the newest deliveries change while the view is open.
  const pause = () => (after === null ? refreshMs : null);
  const { value: page, failure, refresh } = usePolled<DeliveryPage>(path, pause);
  return h(
    "section",
    { class: "card deliveries", "aria-label": "Deliveries" },
    h("div", { class: "heading" }, h("h2", null, after === null ? "Newest deliveries" : "Older deliveries")),
    h(Filters, { filter, types: endpoint.types, change }),
    isOrderOdd ? h("p", { class: "bad small", role: "status" }, "Paste the whole id of an order.") : null,
    h(Failure, { failure, hasValue: page !== undefined }),
    page?.deliveries.length === 0
      ? h(NoDeliveries, { isFiltered: Object.values(filter).some((value) => value !== "") })
      : null,
    page?.deliveries.map((delivery) =>
      h(Delivery, { endpoint, delivery, isReadOnly, onSent: refresh, key: delivery.id }),
    ),
    h(Pager, { after, next: page?.next ?? null, go: setAfter }),
  );
}

function NoDeliveries({ isFiltered }: Readonly<{ isFiltered: boolean }>): ComponentChild {
  const text = isFiltered
    ? "No delivery of this endpoint is like that. Choose less."
    : "Nothing was sent yet. Send a ping to see whether the receiver answers.";
  return h("p", { class: "quiet", role: "status" }, text);
}

type FiltersProps = Readonly<{
  filter: Filter;
  types: readonly string[];
  change: (part: Partial<Filter>) => void;
}>;

function Filters({ filter, types, change }: FiltersProps): ComponentChild {
  const select = (name: "status" | "type", label: string, all: string, values: readonly string[]) =>
    h(
      "select",
      {
        "aria-label": label,
        value: filter[name],
        onChange: ({ currentTarget }: { currentTarget: HTMLSelectElement }) => change({ [name]: currentTarget.value }),
      },
      h("option", { value: "" }, all),
      values.map((value) => h("option", { value, key: value }, value.toLowerCase())),
    );
  return h(
    "div",
    { class: "filters", role: "group", "aria-label": "Filter the deliveries" },
    select("status", "Status of the deliveries", "every status", statuses),
    select("type", "Type of the deliveries", "every type", [...types, "webhook.ping"]),
    h("input", {
      type: "search",
      placeholder: "An order's id",
      "aria-label": "Only deliveries of the order with this id",
      maxLength: 36,
      autoComplete: "off",
      value: filter.order,
      onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) =>
        change({ order: currentTarget.value.trim() }),
    }),
  );
}

type DeliveryProps = Readonly<{
  endpoint: EndpointLine;
  delivery: DeliveryLine;
  isReadOnly: boolean;
  onSent: () => void;
}>;

function Delivery({ endpoint, delivery, isReadOnly, onSent }: DeliveryProps): ComponentChild {
  const { id, type, orderId, createdAt, attempts } = delivery;
  const change = useChange(`/api/webhooks/${endpoint.id}/deliveries/${id}/`);
  const send = async () => {
    if ((await change.send("redeliver", {})) !== undefined) onSent();
  };
  const [latest] = attempts;
  const isDisabled = endpoint.state === "disabled";
  return h(
    "article",
    { class: "delivery" },
    h(
      "div",
      { class: "heading" },
      h(
        "span",
        { class: "what" },
        h("b", null, type),
        h(DeliveryTag, { delivery }),
        h(
          "time",
          { dateTime: createdAt, title: formatDateTime(createdAt), class: "quiet small" },
          formatTime(createdAt),
        ),
        orderId === null ? null : h(ShortId, { id: orderId, what: "the order's id", href: `#/orders/${orderId}` }),
      ),
      isReadOnly
        ? null
        : h(
            "button",
            {
              type: "button",
              "aria-label": `Send again: ${type} of ${formatTime(createdAt)}`,
              onClick: () => void send(),
              disabled: isDisabled || change.isSending,
              ...(isDisabled ? { title: "Enable the endpoint first" } : {}),
            },
            "Send again",
          ),
    ),
    h(
      "details",
      null,
      h("summary", { class: "small" }, latest === undefined ? "No attempt yet" : describeAttempts(latest)),
      h(Attempts, { delivery }),
      h("p", { class: "small" }, "webhook-id ", h(ShortId, { id, what: "the delivery's webhook-id" })),
    ),
    change.note,
  );
}

function describeAttempts(latest: DeliveryLine["attempts"][number]): string {
  const { number, status } = latest;
  const count = number === 1 ? "1 attempt" : `${number} attempts, the latest`;
  return `${count}: ${describeResult(latest)}${status === null ? "" : ` (${status})`}`;
}
