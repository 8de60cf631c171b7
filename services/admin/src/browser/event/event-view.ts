// The view of one event: its sale, its stock, its charts, its rules and its newest orders.
import { type ComponentChild, Fragment, h } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { EventCounts, EventLine, OrderPage } from "../../console/messages.ts";
import { Chart } from "../charts/chart.ts";
import { formatCount, formatDateTime, formatRate } from "../format.ts";
import { type Live, serverNow } from "../live/follow-stream.ts";
import { usePolled } from "../live/use-polled.ts";
import { Failure } from "../views/notes.ts";
import { OrderTable } from "../views/order-table.ts";
import { sumStock } from "../views/stock.ts";
import { AccessCodes } from "./access-codes.ts";
import { ActivityLog } from "./activity-log.ts";
import { Pager } from "./pager.ts";
import { SaleCard } from "./sale-card.ts";
import { StockTable } from "./stock-table.ts";
import { WaitingList } from "./waiting-list.ts";

const statuses = ["PENDING", "WAITING", "HELD", "CONFIRMED", "REJECTED", "EXPIRED", "CANCELLED"];
const refreshMs = 2_000;
/** The counts read all transitions of the event. */
const countsRefreshMs = 5_000;
const pointCountMax = 600;

type EventViewProps = Readonly<{ live: Live; id: number; isReadOnly: boolean }>;

/** The view of one event: its sale, its ticket types, its rates since the view was opened, its orders. */
export function EventView({ live, id, isReadOnly }: EventViewProps): ComponentChild {
  // Read once; the stream sends the changes.
  const { value, failure } = usePolled<EventLine>(`/api/events/${id}`, () => null);
  const line = live.events[id] ?? value;
  if (line === undefined) {
    return h("p", { class: "card", role: "status" }, failure ?? "Loading the event …");
  }
  return h(
    Fragment,
    null,
    h(Heading, { line }),
    h(SaleCard, { line, nowMs: serverNow(live), isReadOnly }),
    h(StockTable, { line, staleSince: live.sections.health?.events.since ?? null, isReadOnly }),
    h(SaleRates, { line }),
    h(AccessCodes, { line, isReadOnly }),
    h("div", { class: "columns" }, h(WaitingList, { line }), h(ActivityLog, { eventId: id })),
    h(Orders, { id }),
  );
}

function Heading({ line }: { line: EventLine }): ComponentChild {
  return h(
    "div",
    { class: "card title" },
    h("p", { class: "quiet small" }, h("a", { href: "#/" }, "Sale"), " / event"),
    h("h1", null, line.name),
    h(
      "p",
      { class: "quiet" },
      `${line.code}, of account ${line.accountName}, begins ${formatDateTime(line.startTime)}`,
    ),
  );
}

type RatePoint = Readonly<{ atMs: number; decided: number; sold: number; left: number }>;

function SaleRates({ line }: { line: EventLine }): ComponentChild {
  const [points, setPoints] = useState<readonly RatePoint[]>([]);
  const latest = useMemo(() => ({ line }), []);
  latest.line = line;
  useEffect(() => {
    const take = () => {
      // A hidden page has no stream.
      if (document.hidden) return;
      const { decidedPerSecond: decided, soldPerSecond: sold, inventory, pools } = latest.line;
      const point = { atMs: Date.now(), decided, sold, left: sumStock(inventory, pools).available };
      setPoints((before) => [...before, point].slice(-pointCountMax));
    };
    take();
    const timer = setInterval(take, 1_000);
    return () => clearInterval(timer);
  }, [latest]);
  const chart = useMemo(() => {
    const values = (pick: (point: RatePoint) => number) => points.map(pick);
    return {
      times: values(({ atMs }) => atMs),
      rates: [
        { label: "orders decided", colour: "series-2", values: values(({ decided }) => decided), isFilled: true },
        { label: "tickets sold", colour: "series-3", values: values(({ sold }) => sold) },
      ],
      left: [{ label: "tickets left", colour: "series-1", values: values(({ left }) => left), isFilled: true }],
    };
  }, [points]);
  const empty = "Measured since this view was opened";
  return h(
    "div",
    { class: "charts" },
    h(Chart, {
      title: `Per second, ${formatCount(line.pending)} pending`,
      times: chart.times,
      lines: chart.rates,
      format: formatRate,
      empty,
    }),
    h(Chart, { title: "Stock", times: chart.times, lines: chart.left, format: formatCount, empty }),
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
