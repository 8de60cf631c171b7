// The routes of the console's views, in the fragment of the page's URL.
export type Route = Readonly<
  | { view: "overview" }
  | { view: "event"; id: number }
  | { view: "order"; id: string }
  | { view: "find-orders"; search: string }
  | { view: "system" }
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
  const search = /^#\/orders(?:\?q=(.*))?$/.exec(hash);
  if (search !== null) return { view: "find-orders", search: decode(search[1] ?? "") };
  if (hash === "#/system") return { view: "system" };
  return /^#?\/?$/.test(hash) ? { view: "overview" } : { view: "not-found", message: "There is no such page." };
}

/** The fragment of the view that finds orders. */
export function findOrdersHash(search: string): string {
  return search === "" ? "#/orders" : `#/orders?q=${encodeURIComponent(search)}`;
}

/** A text that somebody changed by hand may not be encoded; then it is taken as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
