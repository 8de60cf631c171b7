// What stands before the operations of the OpenAPI document.

export const introduction = `Onsale sells the tickets of hot events: first come first served, never a ticket too many,
and nothing that was accepted is ever lost.

**Buy.** \`POST /api/v1/orders/purchase\` records an order and answers at once: 202, and the order is \`PENDING\`. It is
decided in the order of arrival, usually within milliseconds. Send \`Prefer: wait=5\` to get the decision with the
answer, or read, poll or follow the order.

**Retry.** Send every purchase with an \`Idempotency-Key\`. When you do not know whether it was recorded, send it again
with the same key: there will be one order. The forms on this page make a new key for each request, unless you type one.

**Authenticate.** Every call takes an API key, \`Authorization: Bearer onsale_...\`, with the scope that the operation
names, unless the gateway runs with \`AUTH=off\`.

**Handle problems.** Every error is an RFC 9457 problem. Switch on its \`code\`; \`retryable\` says whether the same request
may succeed later.`;

/** In the order in which a reader needs them. */
export const tags = [
  tag("orders", "Orders", "Buy tickets, learn the decision, and pay, cancel or extend what is held."),
  tag("events", "Events", "Shows, the rules of their sale, and how the sale goes."),
  tag("stock", "Stock", "How many tickets of each type there are, are sold, are held and are left."),
  tag("access codes", "Access codes", "Codes that open hidden ticket types or raise the limit of an order."),
  tag("customers", "Customers", "What Onsale knows of a buyer, and how to erase it."),
  tag("books", "Books", "Sales reports, exports, and every change of an event's orders."),
  tag("webhooks", "Webhooks", "Endpoints that are told what happens to orders, as Standard Webhooks say."),
  tag("operations", "Operations", "Health and metrics of a gateway."),
];

function tag(name: string, displayName: string, description: string) {
  return { name, description, "x-displayName": displayName };
}
