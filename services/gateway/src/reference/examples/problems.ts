// Examples of problem answers: what a gateway says in each case, as it says it.
import { type Problem, type ProblemCode, type ProblemExtra, problemCatalogue } from "@onsale/contracts/problem";
import { problemBody } from "../../http/problem-error.ts";
import { eventCode } from "./ids.ts";

type Case = Readonly<{ detail: string; errors?: NonNullable<Problem["errors"]>; retryable?: boolean }> & ProblemExtra;

const opensAt = "2026-12-01T09:00:00.000Z";
const soldOut = "No VIP tickets are left.";
const url = "must be a host whose addresses are all public";

/** Codes that are missing here have their title as their detail. */
const cases: Readonly<Partial<Record<ProblemCode, Case>>> = {
  "validation-failed": {
    detail: "/quantity must be >= 1.",
    errors: [{ pointer: "/quantity", detail: "must be >= 1" }],
  },
  "idempotency-key-missing": { detail: "Send an Idempotency-Key header, a new key for each purchase." },
  "idempotency-key-invalid": {
    detail: "Send one Idempotency-Key: 1 to 255 visible ASCII characters, bare or in quotes.",
  },
  "webhook-url-refused": { detail: `The url ${url}.`, errors: [{ pointer: "/url", detail: url }] },
  unauthorized: { detail: "Send an API key: Authorization: Bearer onsale_..." },
  "event-not-found": { detail: `No event has the code ${eventCode}.` },
  "ticket-type-not-found": { detail: `The event ${eventCode} has no ticket type BALCONY.` },
  "order-not-found": { detail: "No order has this id." },
  "cancellation-not-found": { detail: `The event ${eventCode} was not cancelled.` },
  "webhook-not-found": { detail: "No webhook endpoint has this id." },
  "delivery-not-found": { detail: "The endpoint has no such delivery." },
  "event-exists": { detail: `An event with the code ${eventCode} exists already.` },
  "total-below-allocated": { detail: "1230 tickets are allocated, so the total cannot be 1000." },
  "sold-out": { detail: `${soldOut} 12 of them are held and may come back.`, retryable: true, held: 12 },
  "sale-not-open": { detail: `These tickets are sold from ${opensAt} on.`, opensAt },
  "sale-closed": { detail: "These tickets are not sold any more." },
  "sale-paused": { detail: `The sale of ${eventCode} is paused. Try again later.` },
  "customer-required": { detail: "Send the buyer's customerRef: their tickets are counted." },
  "access-code-not-found": { detail: `The event ${eventCode} has no such access code.` },
  "access-code-exists": { detail: "The event has this access code already." },
  "pool-not-found": { detail: "ADULT is to draw on HALL, a pool that the event does not have." },
  "customer-key-missing": { detail: "Start the gateways and workers with CUSTOMER_KEY." },
  "order-limit": { detail: "An order may ask for at most 4 tickets of this event.", maxPerOrder: 4 },
  "event-cancelled": { detail: `The event ${eventCode} was cancelled.` },
  "too-many-ticket-types": { detail: "An event has at most 64 ticket types." },
  "webhook-disabled": { detail: 'The endpoint gets no deliveries. Enable it first: PATCH {"enabled": true}.' },
  "order-undecided": {
    detail: "The order has no decision yet. Wait for it, then try again.",
    orderStatus: "PENDING",
  },
  "order-not-confirmable": {
    detail: "A rejected or cancelled order cannot be confirmed. Buy again, or refund the payment.",
    orderStatus: "CANCELLED",
  },
  "order-not-cancellable": {
    detail: "A rejected or expired order has no tickets to give back.",
    orderStatus: "REJECTED",
  },
  "order-not-held": { detail: "Only the hold of a held order can be extended.", orderStatus: "CONFIRMED" },
  "hold-expired": {
    detail: "The hold has expired, and not all of its tickets are left. Refund the payment, if there was one.",
    orderStatus: "EXPIRED",
  },
  "hold-extended-before": {
    detail: "A hold can be extended once. Confirm or cancel the order before it expires.",
    orderStatus: "HELD",
  },
  "already-confirmed": {
    detail: "Another payment has confirmed the order. Refund this one.",
    orderStatus: "CONFIRMED",
  },
  "items-exceed-order": { detail: "The request names more tickets than the order has.", orderStatus: "CONFIRMED" },
  "version-mismatch": { detail: "The order has version 3. Read it again." },
  "host-refused": { detail: "Call it by a name of this machine, such as 127.0.0.1." },
  "idempotency-key-reused": { detail: "This key was sent with another request. Use a new key." },
  "rate-limited": { detail: "Too many requests with this API key. Try again in 1 s." },
  "upgrade-in-progress": {
    detail:
      "Holds, baskets, changes of orders and rules of a sale wait until all processes have this version. Try again " +
      "in a moment.",
  },
  "queue-full": {
    detail: "15000 orders of this event wait for a decision. Send it again in 8 s, with the same Idempotency-Key.",
  },
  "webhooks-unavailable": { detail: "This gateway was started without WEBHOOK_SECRET_KEY." },
};

/**
 * A problem as a gateway answers it.
 *
 * @param instance the path of the request
 * @param scope that the route takes, for `insufficient-scope`
 */
export function exampleProblem(code: ProblemCode, instance: string, scope: string): Problem {
  const { detail, ...rest } = cases[code] ?? { detail: `${problemCatalogue[code].title}.` };
  const text = code === "insufficient-scope" ? `This takes an API key with the scope ${scope}.` : detail;
  return { ...problemBody(code, text, instance, "8f14e45f-42"), ...rest };
}
