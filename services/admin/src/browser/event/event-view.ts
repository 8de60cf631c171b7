// The view of one event: its figures, its sale, its stock, its rules and its newest orders.
import { type ComponentChild, Fragment, h } from "preact";
import { useState } from "preact/hooks";
import type { SaleHistory } from "../../console/messages/event-messages.ts";
import type { EventCounts, EventLine, OrderPage } from "../../console/messages/messages.ts";
import { formatCount, formatDateTime } from "../format.ts";
import { type Live, serverNow } from "../live/follow-stream.ts";
import { usePolled } from "../live/use-polled.ts";
import { OrderTable } from "../orders/order-table.ts";
import { Failure } from "../parts/notes.ts";
import { ActivityLog } from "./activity-log.ts";
import { AccessCodes } from "./changes/access-codes.ts";
import { StockTable } from "./changes/stock-table.ts";
import { AuditCard } from "./course/audit-card.ts";
import { EventTiles } from "./course/event-tiles.ts";
import { EventWebhooksCard } from "./course/event-webhooks.ts";
import { EventRejections } from "./course/rejections.ts";
import { SaleHistoryCharts } from "./course/sale-history.ts";
import { Pager } from "./pager.ts";
import { SaleCard } from "./sale-card.ts";
import { WaitingList } from "./waiting-list.ts";

const statuses = ["PENDING", "WAITING", "HELD", "CONFIRMED", "REJECTED", "EXPIRED", "CANCELLED"];
const refreshMs = 2_000;
/** The counts read all transitions of the event. */
const countsRefreshMs = 5_000;

type EventViewProps = Readonly<{ live: Live; id: number; isReadOnly: boolean }>;

/** The view of one event: its sale from the beginning, its ticket types, its audit, its rules, its orders. */
export function EventView({ live, id, isReadOnly }: EventViewProps): ComponentChild {
  // Read once; the stream sends the changes.
  const { value, failure } = usePolled<EventLine>(`/api/events/${id}`, () => null);
  const { value: history, failure: historyFailure } = usePolled<SaleHistory>(
    `/api/events/${id}/history`,
    ({ isComplete }) => (isComplete ? refreshMs : 0),
  );
  const line = live.events[id] ?? value;
  if (line === undefined) {
    return h("p", { class: "card", role: "status" }, failure ?? "Loading the event …");
  }
  return h(
    Fragment,
    null,
    h(Heading, { line }),
    h(EventTiles, { line, history }),
    h(SaleCard, { line, nowMs: serverNow(live), isReadOnly }),
    h(SaleHistoryCharts, { line, history, failure: historyFailure }),
    h(StockTable, { line, staleSince: live.sections.health?.events.since ?? null, isReadOnly }),
    h(
      "div",
      { class: "thirds" },
      h(EventRejections, { history }),
      h(AuditCard, { eventId: id, isReadOnly }),
      h(EventWebhooksCard, { eventId: id }),
    ),
    h(AccessCodes, { line, isReadOnly }),
    h("div", { class: "columns" }, h(WaitingList, { line }), h(ActivityLog, { eventId: id })),
    h(Orders, { id }),
  );
}

function Heading({ line }: { line: EventLine }): ComponentChild {
  return h(
    "div",
    { class: "card title" },
    h("p", { class: "quiet small" }, h("a", { href: "#/" }, "Overview"), " / event"),
    h("h1", null, line.name),
    h(
      "p",
      { class: "quiet" },
      `${line.code}, of account ${line.accountName}, begins ${formatDateTime(line.startTime)}`,
    ),
  );
}

function Orders({ id }: { id: number }): ComponentChild {
  const [status, setStatus] = useState("");
  const [after, setAfter] = useState<string | null>(null);
  const query = new URLSearchParams({ ...(status === "" ? {} : { status }), ...(after === null ? {} : { after }) });
  // Only the newest orders change while the view is open.
  const { value: page, failure } = usePolled<OrderPage>(`/api/events/${id}/orders?${query}`, () => {
    return after === null ? refreshMs : null;
  });
  const choose = ({ currentTarget }: { currentTarget: HTMLSelectElement }) => {
    setAfter(null);
    setStatus(currentTarget.value);
  };
  return h(
    "section",
    { class: "card", "aria-label": "Orders" },
    h(
      "div",
      { class: "heading" },
      h("h2", null, after === null ? "Newest orders" : "Older orders"),
      h(
        "select",
        { "aria-label": "Status of the orders", value: status, onChange: choose },
        h("option", { value: "" }, "all"),
        statuses.map((name) => h("option", { value: name, key: name }, name.toLowerCase())),
      ),
    ),
    h(Counts, { id }),
    h(Failure, { failure, hasValue: page !== undefined }),
    page === undefined && failure !== undefined
      ? null
      : h(OrderTable, { orders: page?.orders ?? [], isLoading: page === undefined }),
    h(Pager, { after, next: page?.next ?? null, go: setAfter }),
  );
}

/** How many orders have the statuses that follow a first decision. */
function Counts({ id }: { id: number }): ComponentChild {
  const { value } = usePolled<EventCounts>(`/api/events/${id}/counts`, () => countsRefreshMs);
  if (value === undefined) return null;
  const counts = [
    ["held", value.held],
    ["expired", value.expired],
    ["cancelled", value.cancelled],
  ] as const;
  return h(
    "p",
    { class: "counts quiet small" },
    counts.map(([name, count]) => h("span", { key: name }, `${formatCount(count)} ${name}`)),
  );
}
