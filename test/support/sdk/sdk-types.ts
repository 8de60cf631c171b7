// The types of the published client as tables, so that a test can compare them with the OpenAPI document. The compiler
// checks that the tables agree with the types.
import type { OrderWebhookEvent, WebhookEvent } from "../../../packages/client/src/verify-webhook.ts";
import type {
  Inventory,
  KnownProblemCode,
  NewEvent,
  Order,
  OrderPage,
  Problem,
  PurchaseRequest,
  RejectionCode,
  SaleEvent,
  SaleSnapshot,
} from "../../../packages/client/src/wire.ts";

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

const stock = { ticketType: "string", total: "number" } as const;
const order = {
  id: "string",
  eventCode: "string",
  ticketType: "string",
  quantity: "number",
  items: [{ ticketType: "string", quantity: "number" }],
  status: { oneOf: { PENDING: true, HELD: true, CONFIRMED: true, REJECTED: true, EXPIRED: true, CANCELLED: true } },
  reason: { orNull: { code: "string", detail: "string" } },
  strategy: { oneOf: { optimistic: true, pessimistic: true } },
  customerRef: { orNull: "string" },
  createdAt: "string",
  decidedAt: { orNull: "string" },
  expiresAt: { orNull: "string" },
  version: "number",
  links: { self: "string", event: "string" },
  "queue?": { ahead: "number", estimatedSeconds: { orNull: "number" } },
} as const satisfies Described<Order>;

const inventory = {
  eventCode: "string",
  ticketType: "string",
  total: "number",
  sold: "number",
  held: "number",
  available: "number",
} as const satisfies Described<Inventory>;

/** The types of the client, under the names that the OpenAPI document has for them. */
export const described = {
  Order: order,
  Inventory: inventory,
  OrderPage: {
    content: [order],
    number: "number",
    size: "number",
    totalElements: "number",
    totalIsExact: "boolean",
    totalPages: "number",
    first: "boolean",
    last: "boolean",
    empty: "boolean",
    nextCursor: { orNull: "string" },
  } satisfies Described<OrderPage>,
  Purchase: {
    eventCode: "string",
    ticketType: "string",
    quantity: "number",
    "customerRef?": "string",
  } satisfies Described<PurchaseRequest>,
  NewEvent: {
    code: "string",
    name: "string",
    startTime: "string",
    endTime: "string",
    "ticketTypes?": [stock],
  } satisfies Described<NewEvent>,
  Event: {
    code: "string",
    name: "string",
    startTime: "string",
    endTime: "string",
    createdAt: "string",
    ticketTypes: [stock],
    links: { self: "string", inventory: "string" },
  } satisfies Described<SaleEvent>,
  Sale: {
    eventCode: "string",
    at: "string",
    inventory: [inventory],
    pending: "number",
    decidedPerSecond: "number",
  } satisfies Described<SaleSnapshot>,
  WebhookPayload: {
    type: { oneOf: { "order.confirmed": true, "order.rejected": true, "webhook.ping": true } },
    timestamp: "string",
    // Missing in a ping. The client checks that every other webhook has it.
    data: { "order?": order },
  } satisfies Described<{
    type: Exclude<WebhookEvent["type"], "unknown">;
    timestamp: WebhookEvent["timestamp"];
    data: Partial<OrderWebhookEvent["data"]>;
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
  "webhook-not-found": true,
  "delivery-not-found": true,
  "method-not-allowed": true,
  "request-timeout": true,
  "event-exists": true,
  "total-below-allocated": true,
  "sold-out": true,
  "insufficient-stock": true,
  "too-many-ticket-types": true,
  "webhook-disabled": true,
  "too-many-webhooks": true,
  "payload-too-large": true,
  "uri-too-long": true,
  "unsupported-media-type": true,
  "host-refused": true,
  "expectation-failed": true,
  "idempotency-key-reused": true,
  "rate-limited": true,
  "headers-too-large": true,
  "internal-error": true,
  overloaded: true,
  "webhooks-unavailable": true,
  "dependency-unavailable": true,
} satisfies Record<KnownProblemCode, true>;

/** The reasons of rejected orders that the client knows. */
export const rejectionCodes = {
  "sold-out": true,
  "insufficient-stock": true,
  "internal-error": true,
} satisfies Record<RejectionCode, true>;
