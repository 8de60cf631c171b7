// Problem details, which an answer has instead when a request fails.
import type { OpenUnion } from "./open-union.ts";
import type { OrderStatus } from "./order.ts";
import { isRecord } from "./shape.ts";

/** Every problem code that this version knows; docs/problems.md explains them. */
export type KnownProblemCode =
  | "bad-request"
  | "malformed-json"
  | "validation-failed"
  | "idempotency-key-missing"
  | "idempotency-key-invalid"
  | "webhook-url-refused"
  | "unauthorized"
  | "insufficient-scope"
  | "route-not-found"
  | "event-not-found"
  | "ticket-type-not-found"
  | "order-not-found"
  | "cancellation-not-found"
  | "webhook-not-found"
  | "delivery-not-found"
  | "method-not-allowed"
  | "request-timeout"
  | "event-exists"
  | "total-below-allocated"
  | "sold-out"
  | "sale-not-open"
  | "sale-closed"
  | "sale-paused"
  | "order-limit"
  | "customer-limit"
  | "access-code-used-up"
  | "waiting-list-first"
  | "customer-required"
  | "access-code-not-found"
  | "access-code-exists"
  | "pool-not-found"
  | "customer-key-missing"
  | "insufficient-stock"
  | "event-cancelled"
  | "too-many-ticket-types"
  | "webhook-disabled"
  | "too-many-webhooks"
  | "order-undecided"
  | "order-not-confirmable"
  | "order-not-cancellable"
  | "order-not-held"
  | "hold-expired"
  | "hold-extended-before"
  | "already-confirmed"
  | "items-exceed-order"
  | "version-mismatch"
  | "payload-too-large"
  | "uri-too-long"
  | "unsupported-media-type"
  | "host-refused"
  | "expectation-failed"
  | "idempotency-key-reused"
  | "rate-limited"
  | "headers-too-large"
  | "internal-error"
  | "upgrade-in-progress"
  | "queue-full"
  | "overloaded"
  | "webhooks-unavailable"
  | "dependency-unavailable";

/** A problem's code. `unexpected-answer` is this client's own, for an answer that a proxy or another server gave. */
export type ProblemCode = OpenUnion<KnownProblemCode | "unexpected-answer">;

/** One fault of a request. `pointer` is a JSON Pointer into the body, or the name of a header or query parameter. */
export type ValidationFault = Readonly<{ pointer: string; detail: string }>;

/** RFC 9457 problem details. */
export type Problem = Readonly<{
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The path of the request. */
  instance: string;
  code: ProblemCode;
  requestId: string;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  errors?: readonly ValidationFault[];
  /** The order's status, when that is why it cannot be done. */
  orderStatus?: OpenUnion<OrderStatus>;
  /** Of what is sold out, the tickets that are only held and may come back. */
  held?: number;
  /** When the sale begins, when that is why nothing is sold. */
  opensAt?: string;
  /** The limit that the order exceeds, when that is why it is refused. */
  maxPerOrder?: number;
}>;

/** RFC 9457 problem details of this API. */
export function isProblem(value: unknown): value is Problem {
  const strings = ["type", "title", "detail", "code", "requestId"];
  return (
    isRecord(value) &&
    strings.every((name) => typeof value[name] === "string") &&
    typeof value.status === "number" &&
    typeof value.retryable === "boolean"
  );
}
