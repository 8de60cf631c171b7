// The types of the published client as tables, so that a test can compare them with the OpenAPI document. The compiler
// checks that the tables agree with the types.
import { describedEvents } from "./described/events.ts";
import { describedOrders } from "./described/orders.ts";
import { describedProblems } from "./described/problems.ts";
import { describedSales } from "./described/sales.ts";
import { describedWebhooks } from "./described/webhooks.ts";

/** The types of the client, under the names that the OpenAPI document has for them. */
export const described = {
  ...describedOrders,
  ...describedEvents,
  ...describedSales,
  ...describedWebhooks,
  ...describedProblems,
};
