// The one entry of the published package. Everything in it is a function or a class of its own, so bundlers keep only
// what is used.
export {
  NetworkError,
  OnsaleError,
  ProblemError,
  PurchaseDeadlineError,
} from "./errors.ts";
export { createEvent } from "./events.ts";
export { getOrder, type ListOrdersOptions, listOrders } from "./orders.ts";
export { type PurchaseOptions, purchase } from "./purchase.ts";
export type { CallOptions, Client } from "./request.ts";
export {
  type OrderWebhookEvent,
  type PingWebhookEvent,
  type UnknownWebhookEvent,
  type VerifyOptions,
  verifyWebhook,
  type WebhookEvent,
  type WebhookFault,
  type WebhookHeaders,
  WebhookVerificationError,
} from "./verify-webhook.ts";
export { type WatchOrderOptions, watchOrder, watchSale } from "./watch.ts";
export type {
  Inventory,
  KnownProblemCode,
  NewEvent,
  Order,
  OrderStatus,
  Problem,
  ProblemCode,
  PurchaseRequest,
  QueuePosition,
  RejectionCode,
  SaleEvent,
  SaleSnapshot,
  Strategy,
  TicketTotal,
  ValidationFault,
} from "./wire.ts";
