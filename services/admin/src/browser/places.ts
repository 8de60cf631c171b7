// The addresses of the views, which are behind the # of the page's address.
export type Place = Readonly<
  | { view: "sale" }
  | { view: "event"; id: number }
  | { view: "order"; id: string }
  /** An address that leads nowhere, and why. */
  | { view: "nowhere"; message: string }
>;

/** The highest number that the database can give an event. */
const eventIdMax = 2 ** 31 - 1;
const orderId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isOrderId(text: string): boolean {
  return orderId.test(text);
}

/** The view that an address names; `hash` begins with # or is empty. */
export function readPlace(hash: string): Place {
  const [, kind = "", id = ""] = /^#\/(events|orders)\/(.*)$/.exec(hash) ?? [];
  if (kind === "events") {
    const number = /^\d{1,10}$/.test(id) ? Number(id) : 0;
    return number >= 1 && number <= eventIdMax
      ? { view: "event", id: number }
      : { view: "nowhere", message: "There is no event with this number." };
  }
  if (kind === "orders") {
    return isOrderId(id) ? { view: "order", id } : { view: "nowhere", message: "There is no order with this id." };
  }
  return /^#?\/?$/.test(hash) ? { view: "sale" } : { view: "nowhere", message: "There is no such page." };
}
