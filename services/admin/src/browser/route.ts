// The routes of the console's views, in the fragment of the page's URL.
export type Route = Readonly<
  | { view: "overview" }
  | { view: "event"; id: number }
  | { view: "order"; id: string }
  | { view: "find-orders"; search: string }
  | { view: "webhooks"; filter: EndpointFilter }
  | { view: "endpoint"; id: string }
  | { view: "keys" }
  | { view: "queues" }
  | { view: "system" }
  | { view: "not-found"; message: string }
>;

/** PostgreSQL's largest `integer`, which event ids are. */
const eventIdMax = 2 ** 31 - 1;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Which webhook endpoints are shown, by their state. */
export const endpointFilters = ["all", "working", "failing", "disabled"] as const;
export type EndpointFilter = (typeof endpointFilters)[number];

/** Whether a text can be the id of an order, an endpoint or a delivery. */
export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** @param hash empty, or the fragment with its "#" */
export function parseRoute(hash: string): Route {
  const [, kind = "", id = ""] = /^#\/(events|orders|webhooks)\/(.*)$/.exec(hash) ?? [];
  if (kind === "events") {
    const number = /^\d{1,10}$/.test(id) ? Number(id) : 0;
    return number >= 1 && number <= eventIdMax
      ? { view: "event", id: number }
      : { view: "not-found", message: "There is no event with this number." };
  }
  if (kind === "orders") {
    return isUuid(id) ? { view: "order", id } : { view: "not-found", message: "There is no order with this id." };
  }
  if (kind === "webhooks") {
    return isUuid(id)
      ? { view: "endpoint", id: id.toLowerCase() }
      : { view: "not-found", message: "There is no webhook endpoint with this id." };
  }
  const search = /^#\/orders(?:\?q=(.*))?$/.exec(hash);
  if (search !== null) return { view: "find-orders", search: decode(search[1] ?? "") };
  const [, state = "all"] = /^#\/webhooks(?:\?state=(\w+))?$/.exec(hash) ?? [null, ""];
  const filter = endpointFilters.find((name) => name === state);
  if (filter !== undefined) return { view: "webhooks", filter };
  if (hash === "#/keys") return { view: "keys" };
  if (hash === "#/queues") return { view: "queues" };
  if (hash === "#/system") return { view: "system" };
  return /^#?\/?$/.test(hash) ? { view: "overview" } : { view: "not-found", message: "There is no such page." };
}

/** The fragment of the view that finds orders. */
export function findOrdersHash(search: string): string {
  return search === "" ? "#/orders" : `#/orders?q=${encodeURIComponent(search)}`;
}

/** The fragment of the view of webhook endpoints. */
export function webhooksHash(filter: EndpointFilter): string {
  return filter === "all" ? "#/webhooks" : `#/webhooks?state=${filter}`;
}

/** A text that somebody changed by hand may not be encoded; then it is taken as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
