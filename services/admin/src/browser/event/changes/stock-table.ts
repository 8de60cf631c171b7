// The stock of an event: its ticket types and pools, and who waits for them.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { EventLine, StockLine } from "../../../console/messages/messages.ts";
import { formatCount } from "../../format.ts";
import { Stale } from "../../parts/notes.ts";
import { type Stock, sumStock } from "../../parts/stock.ts";
import { formatGone, StockBar } from "../../parts/stock-bar.ts";
import { StockForms } from "./stock-forms.ts";
import type { Counter } from "./total-form.ts";

type StockTableProps = Readonly<{ line: EventLine; staleSince: number | null; isReadOnly: boolean }>;

/** A row of the table. `counter`: what can get another total; the sum cannot. */
type Row = Readonly<{ key: string; name: ComponentChild; stock: Stock; counter: Counter | null; type?: StockLine }>;

export function StockTable({ line, staleSince, isReadOnly }: StockTableProps): ComponentChild {
  const [chosen, setChosen] = useState<string | null>(null);
  const rows = rowsOf(line);
  const hasWaiting = line.inventory.some(({ waiting }) => waiting !== undefined);
  const canChange = !isReadOnly && line.saleState !== "cancelled";
  const head = ["Tickets", "", "Sold", "Held", ...(hasWaiting ? ["Waiting"] : []), "Left", "Total", "Gone"];
  return h(
    "section",
    { class: "card stock", "aria-label": "Ticket types" },
    h("h2", null, "Ticket types"),
    h(Stale, { what: "The stock", since: staleSince }),
    h(
      "div",
      { class: "scrolling", tabIndex: 0, role: "group", "aria-label": "Ticket types" },
      h(
        "table",
        { class: "many" },
        h("thead", null, h("tr", null, [...head, ...(canChange ? ["Change"] : [])].map(drawHead))),
        h(
          "tbody",
          null,
          rows.map((row) =>
            h(
              "tr",
              { key: row.key },
              drawCells(row, hasWaiting),
              canChange ? h("td", null, changeButton(row, chosen, setChosen)) : null,
            ),
          ),
        ),
      ),
    ),
    canChange
      ? h(StockForms, {
          line,
          counter: rows.find(({ key }) => key === chosen)?.counter ?? null,
          chosen,
          choose: setChosen,
        })
      : null,
  );
}

function rowsOf({ inventory, pools }: EventLine): Row[] {
  const types = inventory.map((type): Row => {
    const { ticketType, total, isHidden } = type;
    const name = [ticketType, isHidden === true ? h("b", { class: "tag", key: "hidden" }, "hidden") : null];
    const counter = { name: ticketType, total, path: `ticket-types/${ticketType}`, ticketType };
    return { key: ticketType, name, stock: type, counter, type };
  });
  const ofPools = pools.map(({ name, total, available }): Row => {
    const drawing = inventory.filter((type) => type.pools?.includes(name) === true);
    const shown = [
      `Pool ${name}`,
      h("span", { class: "quiet small drawn", key: "types" }, drawing.map(({ ticketType }) => ticketType).join(", ")),
    ];
    const counter = { name: `the pool ${name}`, total, path: `pools/${name}`, ticketType: null };
    return { key: `pool ${name}`, name: shown, stock: { ...sumStock(drawing), total, available }, counter };
  });
  return [...types, { key: "all", name: "All", stock: sumStock(inventory, pools), counter: null }, ...ofPools];
}

function drawHead(name: string): ComponentChild {
  const isText = ["Tickets", "", "Change"].includes(name);
  const scope = name === "" ? {} : { scope: "col" };
  return h(name === "" ? "td" : "th", { key: name, ...scope, class: isText ? "" : "number" }, name);
}

function drawCells({ name, stock, type }: Row, hasWaiting: boolean): ComponentChild[] {
  const number = (key: string, ...content: ComponentChild[]) =>
    h("td", { class: "number", key, "data-label": `${key.slice(0, 1).toUpperCase()}${key.slice(1)}` }, ...content);
  const aside = (text: string) => h("span", { class: "quiet small" }, ` (${text})`);
  const limit = type?.limitedBy;
  return [
    h("th", { scope: "row", key: "name" }, name),
    h("td", { class: "wide", key: "bar" }, h(StockBar, { stock })),
    number("sold", formatCount(stock.sold)),
    number(
      "held",
      formatCount(stock.held),
      stock.expiring === 0 ? "" : aside(`${formatCount(stock.expiring)} end soon`),
    ),
    hasWaiting ? number("waiting", type === undefined ? "" : formatCount(type.waiting ?? 0)) : null,
    number("left", formatCount(stock.available), limit === undefined ? "" : aside(`pool ${limit}`)),
    number("total", formatCount(stock.total)),
    number("gone", formatGone(stock)),
  ];
}

function changeButton({ key, counter }: Row, chosen: string | null, choose: (key: string | null) => void) {
  if (counter === null) return null;
  return h(
    "button",
    {
      type: "button",
      "aria-label": `Change the total of ${counter.name}`,
      "aria-expanded": chosen === key,
      onClick: () => choose(chosen === key ? null : key),
    },
    "Change",
  );
}
