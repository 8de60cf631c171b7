// The ids that the examples of the OpenAPI document share, so that they tell one story.
import { basePath } from "@onsale/contracts/values";

export const eventCode = "EVNT-ROCK-2025";
export const orderId = "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10";
export const webhookId = "0198f2c1-09a4-7e52-8c6f-b1d4a3e2f5c7";
export const deliveryId = "0198f2c4-5d02-7b8e-a1f3-6c9d0e2b4a58";
export const cursor = "MS40Mi43YTNjLjQxOA";

export const eventPath = `${basePath}/events/${eventCode}`;
export const orderPath = `${basePath}/orders/${orderId}`;
export const webhookPath = `${basePath}/webhooks/${webhookId}`;

/** Examples of path parameters, by what follows `/api/v1/` and by name. */
export const pathExamples: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  events: { code: eventCode, id: 17 },
  inventory: { eventCode, ticketType: "STANDARD" },
  orders: { id: orderId },
  customers: { customerRef: "customer-4711" },
  webhooks: { id: webhookId, deliveryId },
};
