// The only entry of the published package. It exports separate functions and classes, so that bundlers can leave out
// what a program does not use.

export { createAccessCodes, listAccessCodes, revokeAccessCode } from "./calls/access-codes.ts";
export { type ExportOrdersOptions, exportOrders, getSales, type SalesOptions } from "./calls/books.ts";
export { forgetCustomer } from "./calls/customers.ts";
export {
  type ListDeliveriesOptions,
  listDeliveries,
  pingWebhook,
  type RedeliveredTotal,
  redeliver,
  redeliverAll,
} from "./calls/deliveries.ts";
export {
  type CancelEventOptions,
  cancelEvent,
  changeEvent,
  createEvent,
  getCancellation,
  getEvent,
  type HiddenTypesOptions,
  listEvents,
} from "./calls/events.ts";
export {
  getOrder,
  history,
  type ListOrdersOptions,
  listOrders,
  type ReadChangesOptions,
  readChanges,
} from "./calls/orders.ts";
export { type PurchaseOptions, purchase } from "./calls/purchase.ts";
export { getInventory, moveStock, setTotal } from "./calls/stock.ts";
export {
  type CancelOptions,
  type ChangeOptions,
  type ConfirmOptions,
  cancel,
  confirm,
  extend,
} from "./calls/transitions.ts";
export { shareOrder, shareSale, type WatchOrderOptions, watchOrder, watchSale } from "./calls/watch.ts";
export {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  rotateWebhookSecret,
} from "./calls/webhooks.ts";
export type { CallOptions, Client } from "./request/client.ts";
export {
  NetworkError,
  OnsaleError,
  OrderDeadlineError,
  ProblemError,
  PurchaseDeadlineError,
} from "./request/errors.ts";
export type { PageOptions } from "./request/pages.ts";
export type { SharedStreamOptions } from "./stream/shared-stream.ts";
export {
  type VerifyOptions,
  verifyWebhook,
  type WebhookFault,
  type WebhookHeaders,
  WebhookVerificationError,
} from "./webhook/verify-webhook.ts";
export type {
  CancelledWebhookEvent,
  OrderWebhookEvent,
  PingWebhookEvent,
  RefundWebhookEvent,
  UnknownWebhookEvent,
  WebhookEvent,
} from "./webhook/webhook-event.ts";
export type { AccessCode, CreatedAccessCode, NewAccessCodes } from "./wire/access-code.ts";
export type { Delivery, DeliveryAttempt, DeliveryStatus, Redelivery } from "./wire/delivery.ts";
export type { EventCancellation, EventChange, NewEvent, SaleEvent, SaleSnapshot } from "./wire/event.ts";
export type { Money } from "./wire/money.ts";
export type {
  Line,
  Order,
  OrderItem,
  OrderStatus,
  PurchaseRequest,
  QueuePosition,
  RejectionCode,
  ShortLine,
  Strategy,
  WaitlistPlace,
} from "./wire/order.ts";
export type { KnownProblemCode, Problem, ProblemCode, ValidationFault } from "./wire/problem.ts";
export type {
  EventRules,
  NewTicketType,
  Pool,
  PoolOfEvent,
  SaleRules,
  SaleWindow,
  TicketTotal,
  TicketTypeOfEvent,
  TicketTypeRules,
} from "./wire/rules.ts";
export type { SalesInterval, SalesMovements, SalesReport } from "./wire/sales.ts";
export type { Inventory, StockMove, TotalChange } from "./wire/stock.ts";
export type { Change, ChangePage, Transition } from "./wire/transition.ts";
export type {
  CreatedWebhook,
  NewWebhook,
  RotatedSecret,
  Webhook,
  WebhookChange,
  WebhookType,
} from "./wire/webhook.ts";
