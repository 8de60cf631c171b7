// The routes of the console's views, in the fragment of the page's URL.
export type Route = Readonly<
  | { view: "sale" }
  | { view: "event"; id: number }
  | { view: "order"; id: string }
  | { view: "not-found"; message: string }
>;

/** PostgreSQL's largest `integer`, which event ids are. */
const eventIdMax = 2 ** 31 - 1;
const orderId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isOrderId(text: string): boolean {
  return orderId.test(text);
}

/** @param hash empty, or the fragment with its "#" */
export function parseRoute(hash: string): Route {
  const [, kind = "", id = ""] = /^#\/(events|orders)\/(.*)$/.exec(hash) ?? [];
  if (kind === "events") {
    const number = /^\d{1,10}$/.test(id) ? Number(id) : 0;
    return number >= 1 && number <= eventIdMax
      ? { view: "event", id: number }
      : { view: "not-found", message: "There is no event with this number." };
  }
  if (kind === "orders") {
    return isOrderId(id) ? { view: "order", id } : { view: "not-found", message: "There is no order with this id." };
  }
  return /^#?\/?$/.test(hash) ? { view: "sale" } : { view: "not-found", message: "There is no such page." };
}
