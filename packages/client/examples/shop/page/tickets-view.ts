// The ticket types: price, what is left, and how many the buyer wants.
import type { Inventory, SaleEvent, TicketTypeOfEvent } from "@onsale/client";
import { byId, copy, part, setText } from "./dom.ts";
import { formatMoney, formatTickets, formatType } from "./format.ts";
import { memory, setCount } from "./memory.ts";
import { type Sale, sale } from "./sale.ts";

/** From so many on, the exact number says nothing to a buyer. */
const manyTickets = 100;
const fewTickets = 10;
const countMax = 99;

type Row = Readonly<{ element: HTMLElement; show: (type: TicketTypeOfEvent, stock: Inventory | undefined) => void }>;

/** Shows the ticket types, and keeps them up to date. Rows stay where they are, so that nobody clicks another one. */
export function startTicketsView(): void {
  const rows = new Map<string, Row>();
  const list = byId("tickets", HTMLElement);
  const show = ({ event, stock }: Sale) => {
    if (event === null) return;
    const types = new Set(event.ticketTypes.map(({ ticketType }) => ticketType));
    for (const [ticketType, { element }] of rows) if (!types.has(ticketType)) element.hidden = true;
    for (const type of event.ticketTypes) {
      const row = rows.get(type.ticketType) ?? createRow(type.ticketType);
      if (!rows.has(type.ticketType)) list.append(row.element);
      rows.set(type.ticketType, row);
      row.element.hidden = false;
      row.show(type, stock.get(type.ticketType));
    }
  };
  sale.follow(show);
  memory.follow(() => show(sale.get()));
}

function createRow(ticketType: string): Row {
  const element = copy("ticket-template");
  const name = formatType(ticketType);
  const less = part(element, "less", HTMLButtonElement);
  const more = part(element, "more", HTMLButtonElement);
  const count = part(element, "count", HTMLOutputElement);
  const stockText = part(element, "stock", HTMLElement);
  element.dataset.type = ticketType;
  setText(part(element, "name", HTMLElement), name);
  less.ariaLabel = `One ${name} less`;
  more.ariaLabel = `One ${name} more`;
  part(element, "stepper", HTMLElement).ariaLabel = `How many ${name} tickets`;
  const countOf = () => memory.get().basket[ticketType] ?? 0;
  // A button that is disabled under the focus loses it: these stay, and do nothing.
  less.addEventListener("click", () => setCount(ticketType, Math.max(0, countOf() - 1)));
  more.addEventListener("click", () => {
    if (more.ariaDisabled !== "true") setCount(ticketType, countOf() + 1);
  });
  return {
    element,
    show: (type, stock) => {
      setText(part(element, "limit", HTMLElement), describeLimit(type));
      setText(part(element, "price", HTMLElement), type.price === undefined ? "Free" : formatMoney(type.price));
      const { text, level } = describeStock(stock);
      setText(stockText, text);
      stockText.dataset.level = level;
      const wanted = countOf();
      setText(count, String(wanted));
      less.ariaDisabled = String(wanted === 0);
      more.ariaDisabled = String(wanted >= Math.min(countMax, limitOf(sale.get().event, type)));
      element.classList.toggle("chosen", wanted > 0);
    },
  };
}

/** The most of a type that one order may have. An access code may allow more, which the ticket office decides. */
function limitOf(event: SaleEvent | null, { maxPerOrder, visibility }: TicketTypeOfEvent): number {
  if (visibility === "code") return countMax;
  return Math.min(maxPerOrder ?? countMax, event?.maxPerOrder ?? countMax);
}

function describeLimit({ maxPerOrder, visibility }: TicketTypeOfEvent): string {
  const shown = visibility === "code" ? ["opened by your code"] : [];
  return [...shown, ...(maxPerOrder === undefined ? [] : [`at most ${formatTickets(maxPerOrder)}`])].join(", ");
}

function describeStock(stock: Inventory | undefined): Readonly<{ text: string; level: string }> {
  if (stock === undefined) return { text: " ", level: "many" };
  const { available } = stock;
  if (available === 0) return { text: "Sold out · waiting list", level: "none" };
  if (available <= fewTickets) return { text: `Last ${available}`, level: "few" };
  return { text: available >= manyTickets ? `${available} available` : `${available} left`, level: "many" };
}
