import { type ComponentChild, Fragment, h } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { EventLine, OrderLine, OrderPage } from "../../console/messages.ts";
import { Chart } from "../charts/chart.ts";
import { formatCount, formatMoment, formatRate, formatTime } from "../format.ts";
import type { Live } from "../live/live.ts";
import { usePolled } from "../live/use-polled.ts";
import { Failure, Unknown } from "./notes.ts";
import { formatGone, StockBar, sumStock } from "./stock-bar.ts";

/** Those that orders get at present; nothing is held, expires or is cancelled yet. */
const statuses = ["PENDING", "CONFIRMED", "REJECTED"];
const refreshMs = 2_000;
const pointCountMax = 600;

/** One event: its ticket types, its pace since the view was opened, its orders. */
export function EventView({ live, id }: { live: Live; id: number }): ComponentChild {
  // The stream tells what changes.
  const { value, failure } = usePolled<EventLine>(`/api/events/${id}`, () => null);
  const line = live.events[id] ?? value;
  if (line === undefined) {
    return h("p", { class: "card", role: "status" }, failure ?? "Looking for the event …");
  }
  return h(
    Fragment,
    null,
    h(Heading, { line }),
    h(TicketTypes, { line, unknownSince: live.sections.health?.events.since ?? null }),
    h(Pace, { line }),
    h(Orders, { id }),
  );
}

function Heading({ line }: { line: EventLine }): ComponentChild {
  return h(
    "div",
    { class: "card title" },
    h("p", { class: "quiet small" }, h("a", { href: "#/" }, "Sale"), " / event"),
    h("h1", null, line.name),
    h("p", { class: "quiet" }, `${line.code}, of account ${line.accountName}, begins ${formatMoment(line.startTime)}`),
  );
}

type TicketTypesProps = Readonly<{ line: EventLine; unknownSince: number | null }>;

function TicketTypes({ line, unknownSince }: TicketTypesProps): ComponentChild {
  const rows = [...line.inventory, { ticketType: "All", ...sumStock(line.inventory) }].map((stock) =>
    h(
      "tr",
      { key: stock.ticketType },
      h("th", { scope: "row" }, stock.ticketType),
      h("td", { class: "wide" }, h(StockBar, { stock })),
      ...[stock.sold, stock.held, stock.available, stock.total].map((count) =>
        h("td", { class: "number" }, formatCount(count)),
      ),
      h("td", { class: "number" }, formatGone(stock)),
    ),
  );
  const head = ["Tickets", "", "Sold", "Held", "Left", "Total", "Gone"];
  return h(
    "section",
    { class: "card", "aria-label": "Ticket types" },
    h("h2", null, "Ticket types"),
    h(Unknown, { what: "The stock is", since: unknownSince }),
    h(
      "div",
      { class: "scrolling", tabIndex: 0, role: "group", "aria-label": "Ticket types" },
      h(
        "table",
        null,
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            head.map((name) =>
              h(
                name === "" ? "td" : "th",
                {
                  key: name,
                  ...(name === "" ? {} : { scope: "col" }),
                  class: ["Tickets", ""].includes(name) ? "" : "number",
                },
                name,
              ),
            ),
          ),
        ),
        h("tbody", null, rows),
      ),
    ),
  );
}

type PacePoint = Readonly<{ atMs: number; decided: number; sold: number; left: number }>;

function Pace({ line }: { line: EventLine }): ComponentChild {
  const [points, setPoints] = useState<readonly PacePoint[]>([]);
  const latest = useMemo(() => ({ line }), []);
  latest.line = line;
  useEffect(() => {
    const take = () => {
      // Nothing is told then.
      if (document.hidden) return;
      const { decidedPerSecond: decided, soldPerSecond: sold, inventory } = latest.line;
      const point = { atMs: Date.now(), decided, sold, left: sumStock(inventory).available };
      setPoints((before) => [...before, point].slice(-pointCountMax));
    };
    take();
    const timer = setInterval(take, 1_000);
    return () => clearInterval(timer);
  }, [latest]);
  const chart = useMemo(() => {
    const values = (of: (point: PacePoint) => number) => points.map(of);
    return {
      times: values(({ atMs }) => atMs),
      pace: [
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
      title: `A second, ${formatCount(line.pending)} pending`,
      times: chart.times,
      lines: chart.pace,
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
  // The newest orders change while one looks; what is older does not.
  const { value: page, failure } = usePolled<OrderPage>(`/api/events/${id}/orders?${query}`, () => {
    return after === null ? refreshMs : null;
  });
  const next = page?.next ?? null;
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
        { "aria-label": "Orders of which status", value: status, onChange: choose },
        h("option", { value: "" }, "all"),
        statuses.map((name) => h("option", { value: name, key: name }, name.toLowerCase())),
      ),
    ),
    h(Failure, { failure, isKnown: page !== undefined }),
    page === undefined && failure !== undefined
      ? null
      : h(OrderTable, { orders: page?.orders ?? [], isLoading: page === undefined }),
    h(
      "div",
      { class: "heading" },
      after === null ? h("span", null) : h("button", { type: "button", onClick: () => setAfter(null) }, "Newest"),
      next === null ? null : h("button", { type: "button", onClick: () => setAfter(next) }, "Older"),
    ),
  );
}

function OrderTable({ orders, isLoading }: { orders: readonly OrderLine[]; isLoading: boolean }): ComponentChild {
  if (orders.length === 0)
    return h("p", { class: "quiet", role: "status" }, isLoading ? "Looking …" : "There are no such orders.");
  const head = ["Order", "Status", "Tickets", "Accepted", "Decided"];
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
        orders.map((order) =>
          h(
            "tr",
            { key: order.id },
            h("td", null, h("a", { href: `#/orders/${order.id}`, class: "mono" }, order.id)),
            h("td", null, h(Status, { order })),
            h("td", null, `${order.quantity} ${order.ticketType}`),
            h("td", null, formatTime(order.createdAt)),
            h("td", null, order.decidedAt === null ? "not yet" : formatTime(order.decidedAt)),
          ),
        ),
      ),
    ),
  );
}

const looks: Readonly<Record<string, string>> = { CONFIRMED: "ok", REJECTED: "bad", PENDING: "warn", HELD: "warn" };

/** An order's status, and why it has it. */
export function Status({ order: { status, reason } }: { order: OrderLine }): ComponentChild {
  return h(
    "span",
    null,
    h("b", { class: `tag ${looks[status] ?? ""}` }, status.toLowerCase()),
    reason === null ? "" : ` ${reason}`,
  );
}
