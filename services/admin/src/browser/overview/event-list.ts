// The list of events, and the search for them.
import { type ComponentChild, h } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { EventLine } from "../../console/messages/messages.ts";
import { describeForecast } from "../event/course/forecast.ts";
import { nameSale } from "../event/describe-sale.ts";
import { SaleTag } from "../event/sale-tag.ts";
import { formatCount, formatRate } from "../format.ts";
import { type Live, serverNow } from "../live/follow-stream.ts";
import { usePolled } from "../live/use-polled.ts";
import { Failure, Stale } from "../parts/notes.ts";
import { sumStock } from "../parts/stock.ts";
import { formatGone, StockBar } from "../parts/stock-bar.ts";
import { findOrdersHash, isUuid } from "../route.ts";

const typingPauseMs = 250;
/** The stream does not send events that were found by a search. */
const refreshMs = 2_500;

/** The busiest events, or the result of a search. */
export function EventList({ live }: { live: Live }): ComponentChild {
  const [text, setText] = useState("");
  const search = text.trim();
  const path = search === "" || isUuid(search) ? null : `/api/events?q=${encodeURIComponent(search)}`;
  const { value: found, failure } = usePolled<readonly EventLine[]>(path, () => refreshMs, typingPauseMs);

  const { busiest, health } = live.sections;
  const ids = search === "" ? busiest : found?.map(({ id }) => id);
  const searched = new Map(found?.map((line) => [line.id, line]));
  const lines = (ids ?? []).flatMap((id) => live.events[id] ?? searched.get(id) ?? []);
  const openOrder = (event: Event) => {
    event.preventDefault();
    if (isUuid(search)) location.hash = `#/orders/${search}`;
  };
  return h(
    "section",
    { class: "card events", "aria-label": "Events" },
    h(
      "form",
      { role: "search", class: "heading", onSubmit: openOrder },
      h("h2", null, search === "" ? "Busiest events" : "Events found"),
      h("input", {
        type: "search",
        placeholder: "Search events, or paste an order's id",
        "aria-label": "Search events by code or name, or open an order by its id",
        maxLength: 200,
        value: text,
        onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => setText(currentTarget.value),
      }),
    ),
    h(Stale, { what: "The stock", since: health?.events.since }),
    h(Stale, { what: "The list of the busiest events", since: health?.ranking.since }),
    h(Failure, { failure, hasValue: found !== undefined }),
    isUuid(search)
      ? h("p", null, h("a", { href: `#/orders/${search}` }, `Open order ${search}`))
      : h(
          "ul",
          { class: "event-rows" },
          lines.map((line) => h(EventRow, { line, sale: nameSale(line, serverNow(live)), key: line.id })),
        ),
    lines.length === 0 && !isUuid(search) && failure === undefined
      ? h("p", { class: "quiet", role: "status" }, nothingFound(search, ids))
      : null,
    search === "" || isUuid(search)
      ? null
      : h("p", { class: "small" }, h("a", { href: findOrdersHash(search) }, `Find orders with “${search}”`)),
  );
}

function nothingFound(search: string, ids: readonly number[] | undefined): string {
  if (ids === undefined || ids.length > 0) return "Loading events …";
  return search === ""
    ? "There are no events yet; POST /api/v1/events creates one."
    : `No event has “${search}” in its code or name.`;
}

/** `sale`: the state of the sale, in words. */
type EventRowProps = Readonly<{ line: EventLine; sale: string }>;

/** Redrawn only when the event has changed: there are sixty, and messages arrive four times a second. */
function EventRow({ line, sale }: EventRowProps): ComponentChild {
  return useMemo(() => drawEvent(line, sale), [line, sale]);
}

function drawEvent(line: EventLine, sale: string): ComponentChild {
  const stock = sumStock(line.inventory, line.pools);
  const isSoldOut = stock.total > 0 && stock.available === 0;
  return h(
    "li",
    null,
    h(
      "a",
      { href: `#/events/${line.id}`, class: "event-row" },
      h(
        "span",
        { class: "who" },
        h("span", { class: "code" }, h("b", null, line.code), h(SaleTag, { state: line.saleState, name: sale })),
        h("span", { class: "quiet small" }, line.name),
      ),
      h(StockBar, { stock }),
      h(
        "span",
        { class: "number" },
        isSoldOut ? h("b", { class: "tag sold-out" }, "sold out") : h("b", null, formatCount(stock.available)),
        h(
          "span",
          { class: "quiet small" },
          `left of ${formatCount(stock.total)}, ${formatGone(stock)} gone`,
          stock.held === 0 ? "" : `, ${formatCount(stock.held)} held`,
        ),
      ),
      h(
        "span",
        { class: "number" },
        h("b", null, `${formatRate(line.soldPerSecond)}/s`),
        h(
          "span",
          { class: "quiet small" },
          `sold, ${describeForecast(line) ?? `${formatCount(line.pending)} pending`}`,
        ),
      ),
    ),
  );
}
