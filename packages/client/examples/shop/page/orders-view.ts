// "My orders": what this browser has bought, the newest first.
import { getOrder, type Order } from "@onsale/client";
import { byId, make, setChip, setShown, setText } from "./dom.ts";
import { formatMoment, formatMoney, formatType } from "./format.ts";
import { memory } from "./memory.ts";
import { describeOrder } from "./order-words.ts";
import { client } from "./shop-client.ts";

/** Keeps the number of orders in the navigation up to date. */
export function startOrdersView(): void {
  memory.follow(({ orderIds }) => {
    setText(byId("orders-link", HTMLElement), orderIds.length === 0 ? "My orders" : `My orders (${orderIds.length})`);
  });
}

/** Shows the list, as the orders are now. */
export async function openOrders(): Promise<void> {
  const { orderIds } = memory.get();
  const list = byId("orders", HTMLElement);
  setShown(byId("orders-empty", HTMLElement), orderIds.length === 0);
  const rows = orderIds.map((id) => ({ id, row: createRow(id) }));
  list.replaceChildren(...rows.map(({ row }) => row));
  await Promise.all(
    rows.map(async ({ id, row }) => {
      const order = await getOrder(client, id, { signal: AbortSignal.timeout(10_000) }).catch(() => null);
      fillRow(row, order);
    }),
  );
}

function createRow(id: string): HTMLElement {
  const link = make("a", "order-row");
  link.href = `#/orders/${id}`;
  link.append(make("span", "order-row-text", "Loading"));
  return make("li", "", link);
}

function fillRow(row: HTMLElement, order: Order | null): void {
  const link = row.firstElementChild;
  if (link === null) return;
  if (order === null) return void link.replaceChildren(make("span", "", "This order cannot be shown at the moment."));
  const { chip, tone } = describeOrder({ order, changes: [], receipt: null });
  const items = order.items.length > 0 ? order.items : order.requestedItems;
  const what = items.map(({ quantity, ticketType }) => `${quantity} ${formatType(ticketType)}`).join(", ");
  const label = make("span", "chip");
  setChip(label, chip, tone);
  const text = make(
    "span",
    "order-row-text",
    make("strong", "", what),
    make("span", "hint", formatMoment(order.createdAt)),
  );
  link.replaceChildren(text, make("span", "", order.total === undefined ? "" : formatMoney(order.total)), label);
}
