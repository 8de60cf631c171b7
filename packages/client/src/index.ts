// The only entry of the published package. It exports separate functions and classes, so that bundlers can leave out
// what a program does not use.

export { createEvent, getOrder, type ListOrdersOptions, listOrders } from "./calls.ts";
export {
  NetworkError,
  OnsaleError,
  ProblemError,
  PurchaseDeadlineError,
} from "./errors.ts";
export { type PurchaseOptions, purchase } from "./purchase.ts";
export type { CallOptions, Client } from "./request.ts";
export type { SharedStreamOptions } from "./shared-stream.ts";
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
export { shareOrder, shareSale, type WatchOrderOptions, watchOrder, watchSale } from "./watch.ts";
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
