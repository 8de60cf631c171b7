// The basket: what is in it, what it costs, who it is for, and the button that reserves it.
import { type Line, type Money, ProblemError } from "@onsale/client";
import { type Buying, buy, buying, dismiss } from "./buying.ts";
import { byId, make, setShown, setText } from "./dom.ts";
import { formatMoney, formatTickets, formatType } from "./format.ts";
import { memory, remember } from "./memory.ts";
import { sale } from "./sale.ts";
import { explain, explainRejection, helpsToWait, type Words } from "./words.ts";

/** What Onsale takes as a customer's reference. */
const customerPattern = /^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/;

/** Shows the basket, and keeps it up to date. */
export function startBasketView(): void {
  const customer = byId("customer", HTMLInputElement);
  customer.value = memory.get().customer;
  customer.addEventListener("input", () => {
    customer.removeAttribute("aria-invalid");
    setText(byId("customer-message", HTMLElement), "The tickets are in this name.");
    remember({ customer: customer.value.trim() });
  });
  byId("basket-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    reserve(isShort());
  });
  memory.follow(({ customer: value }) => {
    if (document.activeElement !== customer && customer.value !== value) customer.value = value;
    showLines();
    showButton();
  });
  sale.follow(() => {
    showLines();
    showButton();
  });
  buying.follow((state) => {
    showButton();
    showNotice(state);
  });
}

/** What is in the basket, in the order of the ticket types. Types that are not sold any more are left out. */
function chosenLines(): readonly Line[] {
  const { basket } = memory.get();
  const types = sale.get().event?.ticketTypes ?? [];
  return types.flatMap(({ ticketType }) => {
    const quantity = basket[ticketType] ?? 0;
    return quantity > 0 ? [{ ticketType, quantity }] : [];
  });
}

/** Whether too little is left of something, so that only the waiting list helps. */
function isShort(): boolean {
  const { stock } = sale.get();
  return chosenLines().some(({ ticketType, quantity }) => (stock.get(ticketType)?.available ?? quantity) < quantity);
}

function reserve(waitlist: boolean): void {
  const customer = byId("customer", HTMLInputElement);
  if (!customerPattern.test(memory.get().customer)) {
    customer.setAttribute("aria-invalid", "true");
    setText(byId("customer-message", HTMLElement), "Please enter an e-mail address, such as ana@example.com.");
    customer.focus();
    return;
  }
  const lines = chosenLines();
  if (lines.length > 0 && sale.get().window?.state === "open") buy(lines, waitlist);
}

function showLines(): void {
  const lines = chosenLines();
  const rows = lines.map(({ ticketType, quantity }) => {
    const price = priceOf(ticketType);
    const cost = price === undefined ? "" : formatMoney({ ...price, amount: price.amount * quantity });
    return make("li", "", make("span", "", `${quantity} × ${formatType(ticketType)}`), make("span", "", cost));
  });
  const list = byId("basket-lines", HTMLElement);
  if (list.textContent !== rows.map((row) => row.textContent).join("")) list.replaceChildren(...rows);
  setShown(byId("basket-empty", HTMLElement), lines.length === 0);
  const total = totalOf(lines);
  const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  setText(byId("basket-total", HTMLElement), total === null ? "–" : formatMoney(total));
  setShown(byId("bar", HTMLElement), count > 0);
  setText(byId("bar-count", HTMLElement), formatTickets(count));
  setText(byId("bar-total", HTMLElement), total === null ? "" : formatMoney(total));
}

const priceOf = (ticketType: string) =>
  sale.get().event?.ticketTypes.find((type) => type.ticketType === ticketType)?.price;

function totalOf(lines: readonly Line[]): Money | null {
  return lines.reduce<Money | null>((sum, { ticketType, quantity }) => {
    const price = priceOf(ticketType);
    if (price === undefined) return sum;
    return { amount: (sum?.amount ?? 0) + price.amount * quantity, currency: price.currency };
  }, null);
}

const closedTexts: Readonly<Record<string, string>> = {
  scheduled: "Not open yet",
  paused: "The sale is paused",
  closed: "The sale is over",
  cancelled: "The event was cancelled",
};

function showButton(): void {
  const button = byId("buy", HTMLButtonElement);
  const { window } = sale.get();
  const isSending = buying.get().kind === "sending";
  const closedText = window === null ? "Loading" : closedTexts[window.state];
  const openText = isShort() ? "Join the waiting list" : "Reserve tickets";
  setText(button, isSending ? "Reserving …" : (closedText ?? openText));
  // Not disabled while it sends: a disabled button loses the focus. A second click does nothing.
  button.ariaDisabled = String(isSending);
  button.disabled = !isSending && (closedText !== undefined || chosenLines().length === 0);
  const note = isShort()
    ? "Too few are left. What comes back is offered to the first in line, and you pay nothing until then."
    : "We keep them for you while you pay.";
  setText(byId("buy-note", HTMLElement), note);
}

function showNotice(state: Buying): void {
  const notice = byId("notice", HTMLElement);
  const problem = state.kind === "refused" || state.kind === "rejected";
  const words = wordsOf(state);
  notice.replaceChildren(
    ...(words === null ? [] : [make("p", "notice-title", words.title), make("p", "", words.next)]),
  );
  notice.dataset.tone = problem ? "bad" : "wait";
  if (!problem) return;
  const buttons = make("p", "choices");
  if (helpsToWait(codeOf(state))) {
    buttons.append(createButton("Join the waiting list", () => reserve(true)));
  }
  buttons.append(createButton("Close", dismiss));
  notice.append(buttons);
}

function codeOf(state: Buying): string {
  if (state.kind === "rejected") return state.order.reason?.code ?? "";
  return state.kind === "refused" && state.error instanceof ProblemError ? state.error.code : "";
}

function wordsOf(state: Buying): Words | null {
  if (state.kind === "refused") return explain(state.error);
  if (state.kind === "rejected") return explainRejection(state.order);
  return state.kind === "sending" && state.error !== null ? explain(state.error) : null;
}

function createButton(text: string, act: () => void): HTMLButtonElement {
  const button = make("button", "button quiet", text);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}
