// One order: its state, the clock of its hold, paying, giving back, and what happened so far.
import { everyTick, serverNow } from "./clock.ts";
import { byId, make, setChip, setShown, setText } from "./dom.ts";
import { formatClock, formatMoment, formatMoney, formatType } from "./format.ts";
import { showGiveBack, showPay } from "./order-actions.ts";
import { type FullOrder, followOrder } from "./order-follow.ts";
import { describeChange, describeOrder, describePlace, describeReceipt } from "./order-words.ts";

let shown: FullOrder | null = null;
/** When the hold began as far as this page knows, for the bar. */
let heldSinceMs = 0;
let following = new AbortController();

/** Lets the clock of the shown order run. */
export function startOrderView(): void {
  everyTick(() => {
    if (shown !== null) showClock(shown);
  });
}

/** Shows an order, and keeps it up to date until another one, or none, is shown. */
export function openOrder(id: string | null): void {
  following.abort();
  following = new AbortController();
  shown = null;
  heldSinceMs = 0;
  if (id === null) return;
  showLoading();
  void followOrder(id, { show: showOrder, missing: showMissing }, following.signal);
}

function showLoading(): void {
  byId("order-view", HTMLElement).dataset.state = "loading";
  setChip(byId("order-chip", HTMLElement), "Loading", "quiet");
  setText(byId("order-title", HTMLElement), "Your order");
  setText(byId("order-text", HTMLElement), "One moment, please.");
  showParts(false);
  for (const id of ["clock", "place", "pay", "give-back", "order-again"]) setShown(byId(id, HTMLElement), false);
  for (const id of ["order-lines", "history", "order-notice"]) byId(id, HTMLElement).replaceChildren();
  for (const id of ["order-total", "order-customer", "order-id", "receipt"]) setText(byId(id, HTMLElement), "");
}

/** What only an order that is known has. */
function showParts(isShown: boolean): void {
  for (const id of ["order-tickets", "order-history"]) setShown(byId(id, HTMLElement), isShown);
}

function showMissing(): void {
  showLoading();
  byId("order-view", HTMLElement).dataset.state = "missing";
  setChip(byId("order-chip", HTMLElement), "Not found", "bad");
  setText(byId("order-title", HTMLElement), "This browser has no such order");
  setText(byId("order-text", HTMLElement), "Open the order in the browser that bought it.");
  setShown(byId("order-again", HTMLElement), true);
}

function showOrder(full: FullOrder): void {
  const { order, changes, receipt } = full;
  // Two reads at the same time may be answered in the other order.
  if (shown !== null && order.version < shown.order.version) return;
  const isNewState = shown?.order.status !== order.status;
  shown = full;
  showParts(true);
  byId("order-view", HTMLElement).dataset.state = order.status.toLowerCase();
  const { chip, tone, title, text } = describeOrder(full);
  setChip(byId("order-chip", HTMLElement), chip, tone);
  setText(byId("order-title", HTMLElement), title);
  setText(byId("order-text", HTMLElement), text);
  if (isNewState) setText(byId("order-alert", HTMLElement), `${title}. ${text}`);
  const place = describePlace(order);
  setShown(byId("place", HTMLElement), place !== null);
  setText(byId("place", HTMLElement), place ?? "");
  const items = order.items.length > 0 ? order.items : order.requestedItems;
  const lines = items.map(({ ticketType, quantity, unitPrice }) => {
    const cost = unitPrice === undefined ? "" : formatMoney({ ...unitPrice, amount: unitPrice.amount * quantity });
    return make("li", "", make("span", "", `${quantity} × ${formatType(ticketType)}`), make("span", "", cost));
  });
  byId("order-lines", HTMLElement).replaceChildren(...lines);
  setText(byId("order-total", HTMLElement), order.total === undefined ? "–" : formatMoney(order.total));
  setText(byId("receipt", HTMLElement), describeReceipt(receipt));
  setText(byId("order-customer", HTMLElement), order.customerRef ?? "–");
  setText(byId("order-id", HTMLElement), order.id.slice(0, 13));
  const entries = changes.map((change) =>
    make("li", "", make("time", "", formatMoment(change.at)), make("span", "", describeChange(change))),
  );
  const ordered = make("li", "", make("time", "", formatMoment(order.createdAt)), make("span", "", "Ordered"));
  byId("history", HTMLElement).replaceChildren(ordered, ...entries);
  showPay(full);
  showGiveBack(full, isNewState);
  setShown(byId("order-again", HTMLElement), ["REJECTED", "EXPIRED", "CANCELLED"].includes(order.status));
  showClock(full);
}

function showClock({ order }: FullOrder): void {
  const isRunning = order.status === "HELD" && order.expiresAt !== null;
  setShown(byId("clock", HTMLElement), isRunning);
  if (!isRunning || order.expiresAt === null) return;
  const endMs = Date.parse(order.expiresAt);
  if (heldSinceMs === 0) heldSinceMs = startOf(order.decidedAt, endMs);
  const restMs = endMs - serverNow();
  setText(byId("clock-digits", HTMLElement), formatClock(restMs));
  const share = Math.min(1, Math.max(0, restMs / (endMs - heldSinceMs)));
  byId("clock-bar", HTMLElement).style.setProperty("--share", share.toFixed(3));
  byId("clock", HTMLElement).dataset.level = restMs < 60_000 ? "short" : "long";
  if (restMs < 60_000 && restMs > 58_000) setText(byId("order-alert", HTMLElement), "Less than a minute left to pay.");
}

/** A hold begins with the decision; an offer of the waiting list later, which the page sees at once. */
function startOf(decidedAt: string | null, endMs: number): number {
  const offered = shown?.changes.findLast(({ to }) => to === "HELD")?.at;
  const startMs = Date.parse(offered ?? decidedAt ?? "");
  return Number.isNaN(startMs) || startMs >= endMs ? serverNow() : startMs;
}
