// The catalogue of problems (RFC 9457): every error code of the API.
import { type Static, Type } from "typebox";

/**
 * Every problem that an answer can report, by its code: its HTTP status, whether the same request may succeed later
 * (`retryable`), and its title. Rejected orders use the same codes for their reasons. Source of the format: RFC 9457.
 */
export const problemCatalogue = {
  "bad-request": { status: 400, retryable: false, title: "The request cannot be understood" },
  "malformed-json": { status: 400, retryable: false, title: "The body is not valid JSON" },
  "validation-failed": { status: 400, retryable: false, title: "The request does not match its schema" },
  "idempotency-key-missing": { status: 400, retryable: false, title: "The Idempotency-Key header is missing" },
  "idempotency-key-invalid": { status: 400, retryable: false, title: "The Idempotency-Key header is malformed" },
  "webhook-url-refused": { status: 400, retryable: false, title: "Webhooks may not be sent to this URL" },
  unauthorized: { status: 401, retryable: false, title: "The request needs a valid API key" },
  "insufficient-scope": { status: 403, retryable: false, title: "The API key does not have the scope for this" },
  "route-not-found": { status: 404, retryable: false, title: "There is no such route" },
  "event-not-found": { status: 404, retryable: false, title: "There is no such event" },
  "ticket-type-not-found": { status: 404, retryable: false, title: "The event has no such ticket type" },
  "order-not-found": { status: 404, retryable: false, title: "There is no such order" },
  "cancellation-not-found": { status: 404, retryable: false, title: "The event was not cancelled" },
  "webhook-not-found": { status: 404, retryable: false, title: "There is no such webhook endpoint" },
  "delivery-not-found": { status: 404, retryable: false, title: "The webhook endpoint has no such delivery" },
  "method-not-allowed": { status: 405, retryable: false, title: "The route does not support this method" },
  "request-timeout": { status: 408, retryable: true, title: "The request took too long to arrive" },
  "event-exists": { status: 409, retryable: false, title: "An event with this code exists already" },
  "total-below-allocated": { status: 409, retryable: false, title: "More tickets are allocated than the new total" },
  "sold-out": { status: 409, retryable: false, title: "The ticket type is sold out" },
  "sale-not-open": { status: 409, retryable: true, title: "The sale has not begun" },
  "sale-closed": { status: 409, retryable: false, title: "The sale is over" },
  "sale-paused": { status: 409, retryable: true, title: "The sale is paused" },
  "customer-required": { status: 400, retryable: false, title: "The event counts tickets per customer" },
  "access-code-not-found": { status: 404, retryable: false, title: "The event has no such access code" },
  "access-code-exists": { status: 409, retryable: false, title: "The event has this access code already" },
  "pool-not-found": { status: 404, retryable: false, title: "The event has no such pool" },
  "customer-key-missing": { status: 503, retryable: false, title: "Customers and codes are not configured here" },
  "customer-limit": { status: 409, retryable: false, title: "The customer may not have so many tickets" },
  "access-code-used-up": { status: 409, retryable: false, title: "All uses of the access code are taken" },
  "waiting-list-first": { status: 409, retryable: false, title: "Orders on the waiting list come first" },
  "order-limit": { status: 409, retryable: false, title: "One order may not ask for so many tickets" },
  "insufficient-stock": { status: 409, retryable: false, title: "Fewer tickets are left than were asked for" },
  "event-cancelled": { status: 409, retryable: false, title: "The event was cancelled" },
  "too-many-ticket-types": { status: 409, retryable: false, title: "The event has the maximum number of ticket types" },
  "webhook-disabled": { status: 409, retryable: false, title: "The webhook endpoint is disabled" },
  "too-many-webhooks": {
    status: 409,
    retryable: false,
    title: "The account has the maximum number of webhook endpoints",
  },
  "order-undecided": { status: 409, retryable: true, title: "The order has no decision yet" },
  "order-not-confirmable": { status: 409, retryable: false, title: "The order cannot be confirmed" },
  "order-not-cancellable": { status: 409, retryable: false, title: "The order cannot be cancelled" },
  "order-not-held": { status: 409, retryable: false, title: "The order is not held" },
  "hold-expired": { status: 409, retryable: false, title: "The hold has expired and its tickets are gone" },
  "hold-extended-before": { status: 409, retryable: false, title: "The hold was extended once already" },
  "already-confirmed": { status: 409, retryable: false, title: "The order was confirmed by another payment" },
  "items-exceed-order": { status: 409, retryable: false, title: "The order has fewer tickets than the request names" },
  "version-mismatch": { status: 412, retryable: false, title: "The order has changed since the given version" },
  "payload-too-large": { status: 413, retryable: false, title: "The body is too large" },
  "uri-too-long": { status: 414, retryable: false, title: "The URL is too long" },
  "unsupported-media-type": { status: 415, retryable: false, title: "The body must be application/json" },
  "host-refused": { status: 421, retryable: false, title: "The server does not answer requests for this host name" },
  "expectation-failed": { status: 417, retryable: false, title: "The Expect header asks for something unknown" },
  "idempotency-key-reused": {
    status: 422,
    retryable: false,
    title: "The Idempotency-Key was used for another request",
  },
  "rate-limited": { status: 429, retryable: true, title: "Too many requests in a short time" },
  "headers-too-large": { status: 431, retryable: false, title: "The request headers are too large" },
  "internal-error": { status: 500, retryable: true, title: "Something went wrong on our side" },
  "upgrade-in-progress": {
    status: 503,
    retryable: true,
    title: "Processes of an older version still run, which cannot do this",
  },
  "queue-full": { status: 503, retryable: true, title: "Too many orders wait for a decision" },
  overloaded: { status: 503, retryable: true, title: "Too many requests are waiting" },
  "webhooks-unavailable": { status: 503, retryable: false, title: "Webhooks are not configured here" },
  "dependency-unavailable": { status: 503, retryable: true, title: "A system that this depends on is unavailable" },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type ProblemCode = keyof typeof problemCatalogue;

/** The URI in a problem's `type`. */
export function problemType(code: ProblemCode): string {
  return `urn:onsale:problem:${code}`;
}

/** One fault of a request: `pointer` is a JSON Pointer into the body, or names the header or query parameter. */
export const ValidationFault = Type.Object({
  pointer: Type.String({ examples: ["/quantity"] }),
  detail: Type.String({ examples: ["must be >= 1"] }),
});
export type ValidationFault = Static<typeof ValidationFault>;

const problemExtra = {
  orderStatus: Type.Optional(
    Type.String({ description: "The order's status, when that is why it cannot be done.", examples: ["EXPIRED"] }),
  ),
  held: Type.Optional(
    Type.Integer({ description: "Of what is sold out, tickets that are only held and may come back.", examples: [12] }),
  ),
  opensAt: Type.Optional(
    Type.String({
      format: "date-time",
      description: "When the sale begins, when that is why nothing is sold.",
      examples: ["2026-12-01T09:00:00.000Z"],
    }),
  ),
  maxPerOrder: Type.Optional(
    Type.Integer({ description: "The limit that the order exceeds, when that is why it is refused.", examples: [4] }),
  ),
};
export type ProblemExtra = Readonly<{ orderStatus?: string; held?: number; opensAt?: string; maxPerOrder?: number }>;

/** RFC 9457 problem details, the body of every error answer. */
export const Problem = Type.Object(
  {
    type: Type.String({
      description: "Identifies the kind of problem.",
      examples: ["urn:onsale:problem:event-not-found"],
    }),
    title: Type.String({ examples: ["There is no such event"] }),
    status: Type.Integer({ examples: [404] }),
    detail: Type.String({ examples: ["No event has the code EVNT-JAZZ-2026."] }),
    instance: Type.String({ description: "The path of the request.", examples: ["/api/v1/events/EVNT-JAZZ-2026"] }),
    code: Type.String({
      description: "The kind of problem as a short code, for programs.",
      examples: ["event-not-found"],
    }),
    requestId: Type.String({ examples: ["8f14e45f-ceea-467f-a9d2-6b1f6c2d3a11"] }),
    retryable: Type.Boolean({ description: "Whether the same request may succeed later." }),
    errors: Type.Optional(Type.Array(ValidationFault)),
    ...problemExtra,
  },
  { $id: "Problem", description: "RFC 9457 problem details" },
);
export type Problem = Static<typeof Problem>;
