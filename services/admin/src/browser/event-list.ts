import { type ComponentChild, h } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { EventLine } from "../console/messages.ts";
import { ask } from "./ask.ts";
import { formatCount, formatPercent, formatRate } from "./format.ts";
import type { Live } from "./live.ts";
import { goneShare, StockBar, sumStock } from "./stock-bar.ts";

const typingPauseMs = 250;
const orderId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The events that are sold at present, or those that are searched for. */
export function EventList({ live }: { live: Live }): ComponentChild {
  const [text, setText] = useState("");
  const [found, setFound] = useState<readonly EventLine[] | string>([]);
  const wanted = text.trim();

  useEffect(() => {
    if (wanted === "") return;
    const stop = new AbortController();
    const search = async () => {
      const answer = await ask<readonly EventLine[]>(`/api/events?q=${encodeURIComponent(wanted)}`, stop.signal);
      if (!stop.signal.aborted) setFound(answer.ok ? answer.value : answer.message);
    };
    const timer = setTimeout(() => void search(), typingPauseMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [wanted]);

  const busiest = (live.sections.busiest ?? []).flatMap((id) => live.events[id] ?? []);
  const lines =
    wanted === "" ? busiest : typeof found === "string" ? [] : found.map((line) => live.events[line.id] ?? line);
  const openOrder = (event: Event) => {
    event.preventDefault();
    if (orderId.test(wanted)) location.hash = `#/orders/${wanted}`;
  };
  return h(
    "section",
    { class: "card events", "aria-label": "Events" },
    h(
      "form",
      { role: "search", class: "heading", onSubmit: openOrder },
      h("h2", null, wanted === "" ? "Busiest events" : "Events found"),
      h("input", {
        type: "search",
        placeholder: "Search events, or paste an order's id",
        "aria-label": "Search events by code or name, or open an order by its id",
        maxLength: 200,
        value: text,
        onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => setText(currentTarget.value),
      }),
    ),
    orderId.test(wanted)
      ? h("p", null, h("a", { href: `#/orders/${wanted}` }, `Open order ${wanted}`))
      : h(
          "ul",
          { class: "event-rows" },
          lines.map((line) => h(EventRow, { line, key: line.id })),
        ),
    lines.length === 0 && !orderId.test(wanted)
      ? h("p", { class: "quiet", role: "status" }, nothingFound(wanted, found, live))
      : null,
  );
}

function nothingFound(wanted: string, found: readonly EventLine[] | string, live: Live): string {
  if (wanted !== "") return typeof found === "string" ? found : `No event has “${wanted}” in its code or name.`;
  return live.sections.busiest === undefined
    ? "Looking for events …"
    : "There are no events yet; POST /api/v1/events creates one.";
}

/** Drawn anew only when the event has changed: there are sixty, and messages come four times a second. */
function EventRow({ line }: { line: EventLine }): ComponentChild {
  return useMemo(() => drawEvent(line), [line]);
}

function drawEvent(line: EventLine): ComponentChild {
  const stock = sumStock(line.inventory);
  const isSoldOut = stock.total > 0 && stock.available === 0;
  return h(
    "li",
    null,
    h(
      "a",
      { href: `#/events/${line.id}`, class: "event-row" },
      h("span", { class: "who" }, h("b", null, line.code), h("span", { class: "quiet small" }, line.name)),
      h(StockBar, { stock }),
      h(
        "span",
        { class: "number" },
        isSoldOut ? h("b", { class: "tag sold-out" }, "sold out") : h("b", null, formatCount(stock.available)),
        h(
          "span",
          { class: "quiet small" },
          `left of ${formatCount(stock.total)}, ${formatPercent(goneShare(stock))} gone`,
        ),
      ),
      h(
        "span",
        { class: "number" },
        h("b", null, `${formatRate(line.decidedPerSecond)}/s`),
        h("span", { class: "quiet small" }, `decided, ${formatCount(line.pending)} pending`),
      ),
    ),
  );
}
