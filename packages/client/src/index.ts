// The only entry of the published package. It exports separate functions and classes, so that bundlers can leave out
// what a program does not use.

export { type ExportOrdersOptions, exportOrders, getSales, type SalesOptions } from "./books.ts";
export {
  forgetCustomer,
  getOrder,
  history,
  type ListOrdersOptions,
  listOrders,
  type ReadChangesOptions,
  readChanges,
} from "./calls.ts";
export {
  NetworkError,
  OnsaleError,
  OrderDeadlineError,
  ProblemError,
  PurchaseDeadlineError,
} from "./errors.ts";
export {
  type CancelEventOptions,
  cancelEvent,
  changeEvent,
  createEvent,
  getCancellation,
  getEvent,
  type HiddenTypesOptions,
  listEvents,
} from "./events.ts";
export type { PageOptions } from "./pages.ts";
export { type PurchaseOptions, purchase } from "./purchase.ts";
export type { CallOptions, Client } from "./request.ts";
export {
  createAccessCodes,
  getInventory,
  listAccessCodes,
  moveStock,
  revokeAccessCode,
  setTotal,
} from "./rules.ts";
export type { SharedStreamOptions } from "./shared-stream.ts";
export {
  type CancelOptions,
  type ChangeOptions,
  type ConfirmOptions,
  cancel,
  confirm,
  extend,
} from "./transitions.ts";
export {
  type VerifyOptions,
  verifyWebhook,
  type WebhookFault,
  type WebhookHeaders,
  WebhookVerificationError,
} from "./verify-webhook.ts";
export { shareOrder, shareSale, type WatchOrderOptions, watchOrder, watchSale } from "./watch.ts";
export type {
  CancelledWebhookEvent,
  OrderWebhookEvent,
  PingWebhookEvent,
  RefundWebhookEvent,
  UnknownWebhookEvent,
  WebhookEvent,
} from "./webhook-event.ts";
export type {
  Change,
  ChangePage,
  EventCancellation,
  EventChange,
  Inventory,
  KnownProblemCode,
  Line,
  Money,
  NewEvent,
  Order,
  OrderItem,
  OrderStatus,
  Problem,
  ProblemCode,
  PurchaseRequest,
  QueuePosition,
  RejectionCode,
  SaleEvent,
  SaleSnapshot,
  SalesInterval,
  SalesMovements,
  SalesReport,
  ShortLine,
  Strategy,
  Transition,
  ValidationFault,
  WaitlistPlace,
} from "./wire.ts";
export type {
  AccessCode,
  CreatedAccessCode,
  EventRules,
  NewAccessCodes,
  NewTicketType,
  Pool,
  PoolOfEvent,
  SaleRules,
  SaleWindow,
  StockMove,
  TicketTotal,
  TicketTypeOfEvent,
  TicketTypeRules,
  TotalChange,
} from "./wire-rules.ts";
