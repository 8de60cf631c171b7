// Starts the page, and shows what its address says: the tickets (`#/`), "My orders" (`#/orders`) or one of them.
import { startBasketView } from "./basket-view.ts";
import { resumePurchase } from "./buying.ts";
import { startCodeForm } from "./code-form.ts";
import { byId, setShown, setText } from "./dom.ts";
import { startEventView } from "./event-view.ts";
import { justBought } from "./memory.ts";
import { startOrderActions } from "./order-actions.ts";
import { openOrder, startOrderView } from "./order-view.ts";
import { openOrders, startOrdersView } from "./orders-view.ts";
import { followSale, isConnected, sale } from "./sale.ts";
import { startTicketsView } from "./tickets-view.ts";

startEventView();
startTicketsView();
startBasketView();
startCodeForm();
startOrderView();
startOrderActions();
startOrdersView();
followSale();
resumePurchase();

let isFirst = true;

/** Shows the view of the address. */
function show(): void {
  const [, kind = "", id = ""] = location.hash.split("/");
  const view = kind !== "orders" ? "event-view" : id === "" ? "orders-view" : "order-view";
  for (const one of ["event-view", "order-view", "orders-view"]) setShown(byId(one, HTMLElement), one === view);
  document.body.dataset.view = view;
  openOrder(view === "order-view" ? id : null);
  if (view === "orders-view") void openOrders();
  byId("tickets-link", HTMLElement).ariaCurrent = view === "event-view" ? "page" : null;
  byId("orders-link", HTMLElement).ariaCurrent = view === "orders-view" ? "page" : null;
  const heading = { "event-view": "event-name", "orders-view": "orders-title", "order-view": "order-title" }[view];
  // Tells screen readers that the page is another one; not at the start, where the browser does that.
  if (!isFirst && heading !== undefined) byId(heading, HTMLElement).focus({ preventScroll: true });
  if (!isFirst) scrollTo({ top: 0 });
  isFirst = false;
}

addEventListener("hashchange", () => {
  // Links within the page, such as the one to the basket, are no addresses of views.
  if (location.hash === "" || location.hash.startsWith("#/")) show();
});
leadToOrder();
show();

/**
 * A reload keeps the address of the tickets when the answer to a purchase came after it had begun, because the address
 * of the order is lost with the page that read the answer.
 */
function leadToOrder(): void {
  const isReload = performance
    .getEntriesByType("navigation")
    .some((entry) => "type" in entry && entry.type === "reload");
  const orderId = isReload && !location.hash.startsWith("#/orders") ? justBought() : null;
  if (orderId !== null) history.replaceState(null, "", `#/orders/${orderId}`);
}

byId("bar-link", HTMLAnchorElement).addEventListener("click", (event) => {
  event.preventDefault();
  byId("basket", HTMLElement).scrollIntoView({ block: "start" });
  byId("customer", HTMLInputElement).focus({ preventScroll: true });
});

// The bar is in the way once the basket itself is in view.
new IntersectionObserver(([entry]) => {
  document.body.dataset.basket = entry?.isIntersecting ? "in-view" : "out-of-view";
}).observe(byId("basket-form", HTMLElement));

isConnected.follow((value) => {
  setText(
    byId("connection", HTMLElement),
    value ? "" : "Reconnecting … What you have is safe, and nothing is bought twice.",
  );
});
sale.follow(({ event }) => {
  document.title = event === null ? "Tickets" : `${event.name} · Tickets`;
});
