import { type ComponentChild, Fragment, h } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { EventLine, OrderLine, OrderPage } from "../console/messages.ts";
import { ask } from "./ask.ts";
import { Chart } from "./chart.ts";
import { formatClock, formatCount, formatMoment, formatPercent, formatRate } from "./format.ts";
import type { Live } from "./live.ts";
import { goneShare, StockBar, sumStock } from "./stock-bar.ts";

const statuses = ["PENDING", "HELD", "CONFIRMED", "REJECTED", "EXPIRED", "CANCELLED"];
const refreshMs = 2_000;
const pointCountMax = 600;

/** One event: its ticket types, its pace since the view was opened, its orders. */
export function EventView({ live, id }: { live: Live; id: number }): ComponentChild {
  const [asked, setAsked] = useState<EventLine | string | undefined>(undefined);
  useEffect(() => {
    void ask<EventLine>(`/api/events/${id}`).then((answer) => setAsked(answer.ok ? answer.value : answer.message));
  }, [id]);
  const line = live.events[id] ?? (typeof asked === "object" ? asked : undefined);
  if (line === undefined) {
    return h("p", { class: "card", role: "status" }, typeof asked === "string" ? asked : "Looking for the event …");
  }
  return h(Fragment, null, h(Heading, { line }), h(TicketTypes, { line }), h(Pace, { line }), h(Orders, { id }));
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

function TicketTypes({ line }: { line: EventLine }): ComponentChild {
  const rows = [...line.inventory, { ticketType: "All", ...sumStock(line.inventory) }].map((stock) =>
    h(
      "tr",
      { key: stock.ticketType },
      h("th", { scope: "row" }, stock.ticketType),
      h("td", { class: "wide" }, h(StockBar, { stock })),
      ...[stock.sold, stock.held, stock.available, stock.total].map((count) =>
        h("td", { class: "number" }, formatCount(count)),
      ),
      h("td", { class: "number" }, formatPercent(goneShare(stock))),
    ),
  );
  const head = ["Tickets", "", "Sold", "Held", "Left", "Total", "Gone"];
  return h(
    "section",
    { class: "card", "aria-label": "Ticket types" },
    h("h2", null, "Ticket types"),
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
  const [page, setPage] = useState<OrderPage | string | undefined>(undefined);
  useEffect(() => {
    const stop = new AbortController();
    const query = new URLSearchParams({ ...(status === "" ? {} : { status }), ...(after === null ? {} : { after }) });
    const read = async () => {
      const answer = await ask<OrderPage>(`/api/events/${id}/orders?${query}`, stop.signal);
      if (!stop.signal.aborted) setPage(answer.ok ? answer.value : answer.message);
    };
    void read();
    // The newest orders change while one looks; what is older does not.
    const timer = after === null ? setInterval(() => void read(), refreshMs) : undefined;
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [id, status, after]);

  const orders = typeof page === "object" ? page.orders : [];
  const next = typeof page === "object" ? page.next : null;
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
    typeof page === "string"
      ? h("p", { class: "alert", role: "alert" }, page)
      : h(OrderTable, { orders, isLoading: page === undefined }),
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
            h("td", null, formatClock(order.createdAt)),
            h("td", null, order.decidedAt === null ? "not yet" : formatClock(order.decidedAt)),
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
