// The types of the published client as tables, so that a test can compare them with the OpenAPI document. The compiler
// checks that the tables agree with the types.
import type {
  CancelledWebhookEvent,
  OrderWebhookEvent,
  RefundWebhookEvent,
  WebhookEvent,
} from "../../../packages/client/src/webhook-event.ts";
import type {
  Change,
  ChangePage,
  EventCancellation,
  EventChange,
  ExportEnd,
  Inventory,
  KnownProblemCode,
  NewEvent,
  Order,
  Page,
  Problem,
  PurchaseRequest,
  RejectionCode,
  SaleEvent,
  SaleSnapshot,
  SalesReport,
  Transition,
} from "../../../packages/client/src/wire.ts";
import type {
  AccessCode,
  CreatedAccessCode,
  NewAccessCodes,
  StockMove,
  TotalChange,
} from "../../../packages/client/src/wire-rules.ts";

/**
 * The table of a type: the compiler compares the type with it, and a test the schema. An optional field has a `?` in
 * its name, an array is a list of one item, and the values of an enum are keys.
 */
type Described<T> = [null] extends [T]
  ? { orNull: Described<Exclude<T, null>> }
  : [T] extends [boolean]
    ? "boolean"
    : [T] extends [number]
      ? "number"
      : [T] extends [string]
        ? string extends T
          ? "string"
          : { oneOf: { [Value in T]: true } }
        : [T] extends [readonly (infer Item)[]]
          ? readonly [Described<Item>]
          : { [K in keyof T & string as object extends Pick<T, K> ? `${K}?` : K]-?: Described<NonUndefined<T[K]>> };
type NonUndefined<T> = Exclude<T, undefined>;

const money = { amount: "number", currency: "string" } as const;
const stock = { ticketType: "string", total: "number", "price?": money } as const;
const rules = {
  "salesStart?": { orNull: "string" },
  "salesEnd?": { orNull: "string" },
  "maxPerOrder?": { orNull: "number" },
  "maxPerCustomer?": { orNull: "number" },
} as const;
const waitlistPolicy = { oneOf: { skip: true, strict: true } } as const;
const visibility = { oneOf: { public: true, code: true } } as const;
const pool = { name: "string", total: "number" } as const;
const eventRules = {
  ...rules,
  "pools?": [pool],
  "offerSeconds?": "number",
  "waitlistPolicy?": waitlistPolicy,
} as const;
const typeRules = { ...rules, "pools?": ["string"], "visibility?": visibility } as const;
const knownTypeRules = {
  "salesStart?": "string",
  "salesEnd?": "string",
  "maxPerOrder?": "number",
  "maxPerCustomer?": "number",
  "pools?": ["string"],
  "visibility?": visibility,
} as const;
const accessCode = {
  id: "number",
  hint: { orNull: "string" },
  ticketTypes: ["string"],
  maxUses: "number",
  used: "number",
  maxPerOrder: { orNull: "number" },
  createdAt: "string",
  revokedAt: { orNull: "string" },
} as const;
const sale = {
  state: { oneOf: { scheduled: true, open: true, paused: true, closed: true, cancelled: true } },
  opensAt: { orNull: "string" },
  closesAt: { orNull: "string" },
} as const;
const line = { ticketType: "string", quantity: "number" } as const;
const status = {
  oneOf: { PENDING: true, WAITING: true, HELD: true, CONFIRMED: true, REJECTED: true, EXPIRED: true, CANCELLED: true },
} as const;
const transition = {
  at: "string",
  from: status,
  to: status,
  version: "number",
  actor: "string",
  reason: { orNull: "string" },
  "items?": [line],
} as const;
const change = { orderId: "string", ...transition } as const;
const item = { ticketType: "string", quantity: "number", "unitPrice?": money } as const;
const order = {
  id: "string",
  eventCode: "string",
  ticketType: { orNull: "string" },
  quantity: { orNull: "number" },
  requestedItems: [item],
  items: [item],
  status,
  reason: {
    orNull: {
      code: "string",
      detail: "string",
      "lines?": [{ ticketType: "string", requested: "number", available: "number", counter: "string" }],
    },
  },
  strategy: { oneOf: { optimistic: true, pessimistic: true } },
  customerRef: { orNull: "string" },
  "total?": money,
  paymentReference: { orNull: "string" },
  createdAt: "string",
  decidedAt: { orNull: "string" },
  expiresAt: { orNull: "string" },
  version: "number",
  links: { self: "string", event: "string" },
  "queue?": { ahead: "number", estimatedSeconds: { orNull: "number" } },
  "waitlist?": { position: "number", estimatedSeconds: { orNull: "number" } },
} as const satisfies Described<Order>;

const inventory = {
  eventCode: "string",
  ticketType: "string",
  total: "number",
  sold: "number",
  held: "number",
  available: "number",
  "limitedBy?": "string",
  "waiting?": "number",
} as const satisfies Described<Inventory>;

const movements = {
  held: "number",
  sold: "number",
  soldFromHold: "number",
  released: "number",
  expired: "number",
  cancelled: "number",
  rejected: [{ reason: "string", orders: "number", tickets: "number" }],
  revenue: [money],
  refunds: [money],
} as const;

const event = {
  code: "string",
  name: "string",
  startTime: "string",
  endTime: "string",
  createdAt: "string",
  sale,
  maxPerOrder: { orNull: "number" },
  maxPerCustomer: { orNull: "number" },
  pools: [{ ...pool, available: "number" }],
  offerSeconds: "number",
  waitlistPolicy,
  ticketTypes: [{ ...stock, ...knownTypeRules }],
  links: { self: "string", inventory: "string" },
} as const satisfies Described<SaleEvent>;

/** The fields of a page but its items. */
const page = {
  number: "number",
  size: "number",
  totalElements: "number",
  totalIsExact: "boolean",
  totalPages: "number",
  first: "boolean",
  last: "boolean",
  empty: "boolean",
  nextCursor: { orNull: "string" },
} as const;

/** The types of the client, under the names that the OpenAPI document has for them. */
export const described = {
  Order: order,
  Inventory: inventory,
  OrderPage: { content: [order], ...page } satisfies Described<Page<Order>>,
  Purchase: {
    eventCode: "string",
    "ticketType?": "string",
    "quantity?": "number",
    "items?": [line],
    "customerRef?": "string",
    "hold?": "boolean",
    "holdSeconds?": "number",
    "allowPartial?": "boolean",
    "waitlist?": "boolean",
    "accessCode?": "string",
  } satisfies Described<PurchaseRequest>,
  Transition: transition satisfies Described<Transition>,
  Change: change satisfies Described<Change>,
  ChangePage: { content: [change], nextCursor: "string" } satisfies Described<ChangePage>,
  NewEvent: {
    code: "string",
    name: "string",
    startTime: "string",
    endTime: "string",
    "ticketTypes?": [{ ...stock, ...typeRules }],
    ...eventRules,
  } satisfies Described<NewEvent>,
  EventChange: {
    "name?": "string",
    "startTime?": "string",
    "endTime?": "string",
    "paused?": "boolean",
    ...eventRules,
  } satisfies Described<EventChange>,
  Event: event,
  EventPage: { content: [event], ...page } satisfies Described<Page<SaleEvent>>,
  EventCancellation: {
    eventCode: "string",
    status: { oneOf: { running: true, done: true } },
    reason: { orNull: "string" },
    startedAt: "string",
    finishedAt: { orNull: "string" },
    orders: { total: { orNull: "number" }, cancelled: "number", remaining: { orNull: "number" } },
    "estimatedSeconds?": "number",
  } satisfies Described<EventCancellation>,
  InventoryTotal: {
    total: "number",
    "price?": { orNull: money },
    ...typeRules,
  } satisfies Described<TotalChange>,
  StockMove: {
    from: "string",
    to: "string",
    quantity: "number",
    reason: "string",
  } satisfies Described<StockMove>,
  NewAccessCodes: {
    "code?": "string",
    "count?": "number",
    ticketTypes: ["string"],
    maxUses: "number",
    "maxPerOrder?": "number",
  } satisfies Described<NewAccessCodes>,
  AccessCode: accessCode satisfies Described<AccessCode>,
  AccessCodePage: { content: [accessCode], ...page } satisfies Described<Page<AccessCode>>,
  CreatedAccessCode: { ...accessCode, code: "string" } satisfies Described<CreatedAccessCode>,
  Sale: {
    eventCode: "string",
    at: "string",
    sale,
    inventory: [inventory],
    pending: "number",
    decidedPerSecond: "number",
  } satisfies Described<SaleSnapshot>,
  SalesReport: {
    eventCode: "string",
    at: "string",
    from: { orNull: "string" },
    to: { orNull: "string" },
    interval: { oneOf: { minute: true, hour: true, day: true } },
    orders: {
      waiting: "number",
      held: "number",
      confirmed: "number",
      rejected: "number",
      expired: "number",
      cancelled: "number",
    },
    totals: [{ ticketType: "string", netSold: "number", netHeld: "number", ...movements }],
    content: [{ start: "string", ticketType: "string", ...movements }],
  } satisfies Described<SalesReport>,
  ExportEnd: { end: { orders: "number" } } satisfies Described<ExportEnd>,
  WebhookPayload: {
    type: {
      oneOf: {
        "order.held": true,
        "order.confirmed": true,
        "order.rejected": true,
        "order.expired": true,
        "order.cancelled": true,
        "order.refund_required": true,
        "order.waitlisted": true,
        "order.offered": true,
        "webhook.ping": true,
      },
    },
    timestamp: "string",
    // Each is missing in some types. The client checks which ones a type must have.
    data: { "order?": order, "cancelledItems?": [line], "refund?": money, "paymentReference?": "string" },
  } satisfies Described<{
    type: Exclude<WebhookEvent["type"], "unknown">;
    timestamp: WebhookEvent["timestamp"];
    data: Partial<OrderWebhookEvent["data"] & CancelledWebhookEvent["data"] & RefundWebhookEvent["data"]>;
  }>,
  Problem: {
    type: "string",
    title: "string",
    status: "number",
    detail: "string",
    instance: "string",
    code: "string",
    requestId: "string",
    retryable: "boolean",
    "errors?": [{ pointer: "string", detail: "string" }],
    "orderStatus?": "string",
    "held?": "number",
    "opensAt?": "string",
    "maxPerOrder?": "number",
  } satisfies Described<Problem>,
};

/** The problem codes that the client knows. */
export const problemCodes = {
  "bad-request": true,
  "malformed-json": true,
  "validation-failed": true,
  "idempotency-key-missing": true,
  "idempotency-key-invalid": true,
  "webhook-url-refused": true,
  unauthorized: true,
  "insufficient-scope": true,
  "route-not-found": true,
  "event-not-found": true,
  "ticket-type-not-found": true,
  "order-not-found": true,
  "cancellation-not-found": true,
  "webhook-not-found": true,
  "delivery-not-found": true,
  "method-not-allowed": true,
  "request-timeout": true,
  "event-exists": true,
  "total-below-allocated": true,
  "sold-out": true,
  "sale-not-open": true,
  "sale-closed": true,
  "sale-paused": true,
  "order-limit": true,
  "customer-limit": true,
  "access-code-used-up": true,
  "waiting-list-first": true,
  "customer-required": true,
  "access-code-not-found": true,
  "access-code-exists": true,
  "pool-not-found": true,
  "customer-key-missing": true,
  "insufficient-stock": true,
  "event-cancelled": true,
  "too-many-ticket-types": true,
  "webhook-disabled": true,
  "too-many-webhooks": true,
  "order-undecided": true,
  "order-not-confirmable": true,
  "order-not-cancellable": true,
  "order-not-held": true,
  "hold-expired": true,
  "hold-extended-before": true,
  "already-confirmed": true,
  "items-exceed-order": true,
  "version-mismatch": true,
  "payload-too-large": true,
  "uri-too-long": true,
  "unsupported-media-type": true,
  "host-refused": true,
  "expectation-failed": true,
  "idempotency-key-reused": true,
  "rate-limited": true,
  "headers-too-large": true,
  "internal-error": true,
  "upgrade-in-progress": true,
  overloaded: true,
  "webhooks-unavailable": true,
  "dependency-unavailable": true,
} satisfies Record<KnownProblemCode, true>;

/** The reasons of rejected orders that the client knows. */
export const rejectionCodes = {
  "sold-out": true,
  "insufficient-stock": true,
  "event-cancelled": true,
  "customer-limit": true,
  "access-code-used-up": true,
  "waiting-list-first": true,
  "internal-error": true,
} satisfies Record<RejectionCode, true>;
