// What a buyer can do to an order: pay, and give tickets back.
import { cancel, type Line, type Order } from "@onsale/client";
import { byId, make, setShown, setText } from "./dom.ts";
import { formatMoney, formatType } from "./format.ts";
import { announceChange, type FullOrder } from "./order-follow.ts";
import { type Behaviour, client, pay } from "./shop-client.ts";
import { explain } from "./words.ts";

const behaviours: readonly Behaviour[] = ["in-time", "late", "declined"];

let current: FullOrder | null = null;
/** What is being done: an order can be shown as paid, and given back, before the answer to the payment is there. */
const running = new Set<string>();

/** Lets the buttons work. */
export function startOrderActions(): void {
  for (const button of document.querySelectorAll("[data-behaviour]")) {
    const behaviour = behaviours.find((known) => known === button.getAttribute("data-behaviour"));
    if (behaviour !== undefined) button.addEventListener("click", () => act("pay", (id) => pay(id, behaviour)));
  }
  byId("give-back-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const items = chosenItems();
    if (current === null || items.length === 0) return say("Choose at least one ticket to give back.");
    const isAll =
      countOf(items) === countOf(current.order.items.length > 0 ? current.order.items : current.order.requestedItems);
    // A repeated click is another wish; the retries of one call have one key.
    void act("give back", (id) => cancel(client, id, isAll ? {} : { items }));
  });
}

/** Shows the buttons to pay, while there is something to pay and nobody has begun to. */
export function showPay(full: FullOrder): void {
  current = full;
  const { order, receipt } = full;
  setShown(byId("pay", HTMLElement), order.status === "HELD" && receipt === null);
  setText(byId("pay-total", HTMLElement), order.total === undefined ? "" : formatMoney(order.total));
}

/** Shows the form to give tickets back, while there are some or the order waits for some. */
export function showGiveBack({ order, receipt }: FullOrder, isNewState: boolean): void {
  const details = byId("give-back", HTMLDetailsElement);
  const isPossible =
    ["HELD", "CONFIRMED", "WAITING"].includes(order.status) && (receipt === null || receipt.status === "paid");
  setShown(details, isPossible);
  setText(byId("give-back-summary", HTMLElement), summaries[order.status] ?? "Give tickets back");
  setText(byId("give-back-button", HTMLElement), order.status === "WAITING" ? "Leave the list" : "Give back");
  if (isNewState) details.open = false;
  const items = itemsOf(order);
  const lines = byId("give-back-lines", HTMLElement);
  const signature = items.map(({ ticketType, quantity }) => `${ticketType} ${quantity}`).join(", ");
  if (lines.dataset.for === signature) return;
  lines.dataset.for = signature;
  lines.replaceChildren(...items.map(createChoice));
}

const summaries: Readonly<Record<string, string>> = {
  WAITING: "Leave the waiting list",
  CONFIRMED: "Give tickets back, for your money",
};

const itemsOf = ({ items, requestedItems }: Order): readonly Line[] => (items.length > 0 ? items : requestedItems);

/** How many of a type to give back: all of them, unless the buyer says otherwise. */
function createChoice({ ticketType, quantity }: Line): HTMLElement {
  const select = make("select");
  select.name = ticketType;
  for (let count = quantity; count >= 0; count--) {
    const option = make("option", "", count === quantity ? `all ${count}` : String(count));
    option.value = String(count);
    select.append(option);
  }
  return make("label", "choice", make("span", "", formatType(ticketType)), select);
}

function chosenItems(): Line[] {
  return [...document.querySelectorAll("#give-back-lines select")].flatMap((select) => {
    if (!(select instanceof HTMLSelectElement) || select.value === "0") return [];
    return [{ ticketType: select.name, quantity: Number(select.value) }];
  });
}

const countOf = (items: readonly Line[]) => items.reduce((sum, { quantity }) => sum + quantity, 0);

/** Does something to the shown order once, however often it is clicked meanwhile. */
async function act(what: string, change: (orderId: string) => Promise<unknown>): Promise<void> {
  if (current === null || running.has(what)) return;
  running.add(what);
  byId("order-view", HTMLElement).ariaBusy = "true";
  say("");
  try {
    await change(current.order.id);
  } catch (error) {
    const { title, next } = explain(error);
    say(title, next);
  } finally {
    running.delete(what);
    byId("order-view", HTMLElement).ariaBusy = String(running.size > 0);
    announceChange();
  }
}

function say(title: string, next = ""): void {
  const notice = byId("order-notice", HTMLElement);
  notice.dataset.tone = "bad";
  notice.replaceChildren(...(title === "" ? [] : [make("p", "notice-title", title), make("p", "", next)]));
}
