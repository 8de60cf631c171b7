// What clients do to an order after its first decision: confirm, cancel, extend; pure. Each function takes the order
// as it is while its row is locked, and says what has to be written, or why nothing is.
import type { OrderStatus } from "@onsale/contracts/order";
import { type Line, sumLines } from "./decide.ts";

/** An order as the transitions see it. */
export type OrderState = Readonly<{
  status: OrderStatus;
  /** What it has now; of a CANCELLED or EXPIRED order, what it had last. */
  items: readonly Line[];
  /** When its hold expires, in milliseconds since 1970; null when it was never held. */
  expiresAtMs: number | null;
  wasExtended: boolean;
  /** The reference of the payment that confirmed it. */
  paymentReference: string | null;
  /** Its late payments, and payments that have to be refunded. `outcome` is null until the lane has decided. */
  payments: readonly Readonly<{ reference: string | null; outcome: PaymentOutcome | null }>[];
}>;

export type PaymentOutcome = "confirmed" | "refund-required";

/** A transition to write. `status` is the one after it. */
export type Change = Readonly<{
  kind: "change";
  status: OrderStatus;
  /** What the order has after it; of a cancelled order, what it had last. */
  items: readonly Line[];
  /** The tickets that it gives back. */
  returned: readonly Line[];
  expiresAtMs: number | null;
  paymentReference: string | null;
}>;

/** Why a request changes nothing; also the code of the problem. */
export type RefusalCode =
  | "order-undecided"
  | "order-not-confirmable"
  | "order-not-cancellable"
  | "order-not-held"
  | "hold-expired"
  | "hold-extended-before"
  | "already-confirmed"
  | "items-exceed-order";

/** `orderStatus` is EXPIRED from the moment when the hold expires, even while the lane has not recorded that. */
export type Refusal = Readonly<{ kind: "refused"; code: RefusalCode; orderStatus: OrderStatus }>;

/** The order is already as the request asks. */
export type Unchanged = Readonly<{ kind: "unchanged" }>;

export type ConfirmResult =
  | Change
  | Unchanged
  | Refusal
  /** Refused, and the buyer's money has to be paid back: recorded once for each reference. */
  | (Refusal & Readonly<{ refundReference: string }>)
  /** A new late payment for the lane to decide. `expiry` ends the hold, when the lane has not recorded that yet. */
  | Readonly<{ kind: "late"; expiry: Change | null }>
  /** The lane has not decided an earlier late payment of the order. `isSame`: it is the payment of this request. */
  | Readonly<{ kind: "undecided-payment"; isSame: boolean }>;

const unchanged: Unchanged = Object.freeze({ kind: "unchanged" });

/** The status by the clock: a hold counts as expired from the very moment. */
export function statusAt({ status, expiresAtMs }: OrderState, nowMs: number): OrderStatus {
  return status === "HELD" && expiresAtMs !== null && expiresAtMs <= nowMs ? "EXPIRED" : status;
}

/**
 * Confirms an order that was paid.
 *
 * @param reference of the payment; null when the request has none, which matches any
 * @param nowMs PostgreSQL's time while the order is locked
 */
export function confirm(order: OrderState, reference: string | null, nowMs: number): ConfirmResult {
  const status = statusAt(order, nowMs);
  const refused = (code: RefusalCode): Refusal => ({ kind: "refused", code, orderStatus: status });
  const refundable = (code: RefusalCode): ConfirmResult =>
    reference === null ? refused(code) : { ...refused(code), refundReference: reference };

  switch (status) {
    case "PENDING":
      return refused("order-undecided");
    case "HELD":
      return { ...sameExcept(order), status: "CONFIRMED", paymentReference: reference };
    case "CONFIRMED":
      if (reference === null || reference === order.paymentReference) return unchanged;
      // It was confirmed without a reference, which matches any; from now on it has this one, unless the payment with
      // this one was refused before, which is final.
      if (order.paymentReference === null && !isRefused(order, reference)) {
        return { ...sameExcept(order), paymentReference: reference };
      }
      return refundable("already-confirmed");
    case "EXPIRED":
      return confirmLate(order, reference, refused("hold-expired"));
    case "WAITING":
      return refused("order-not-confirmable");
    case "REJECTED":
    case "CANCELLED":
      // What a cancelled order was paid with is refunded because it was cancelled, not once more for this request.
      return reference === order.paymentReference
        ? refused("order-not-confirmable")
        : refundable("order-not-confirmable");
  }
}

/** A refusal is final for its reference, and an order has at most one undecided late payment. */
function confirmLate(order: OrderState, reference: string | null, refusal: Refusal): ConfirmResult {
  const undecided = order.payments.find(({ outcome }) => outcome === null);
  if (undecided !== undefined) {
    return { kind: "undecided-payment", isSame: reference === null || reference === undecided.reference };
  }
  if (reference !== null && isRefused(order, reference)) return refusal;
  // The hold ends with the payment, so that the lane's decision depends on no clock.
  const isHeld = order.status === "HELD";
  return { kind: "late", expiry: isHeld ? { ...sameExcept(order), status: "EXPIRED", returned: order.items } : null };
}

function isRefused({ payments }: OrderState, reference: string): boolean {
  return payments.some((payment) => payment.reference === reference && payment.outcome === "refund-required");
}

/**
 * Cancels an order, or some of its tickets.
 *
 * @param items what to give back; null gives back everything
 */
export function cancel(order: OrderState, items: readonly Line[] | null, nowMs: number): Change | Unchanged | Refusal {
  const status = statusAt(order, nowMs);
  const refused = (code: RefusalCode): Refusal => ({ kind: "refused", code, orderStatus: status });
  switch (status) {
    case "PENDING":
      return refused("order-undecided");
    case "REJECTED":
    case "EXPIRED":
      return refused("order-not-cancellable");
    case "CANCELLED":
      return items === null || isSame(sumLines(items), order.items) ? unchanged : refused("items-exceed-order");
    case "WAITING":
    case "HELD":
    case "CONFIRMED":
      break;
  }
  const returned = items === null ? order.items : sumLines(items);
  const kept = subtract(order.items, returned);
  if (kept === null) return refused("items-exceed-order");
  const isWhole = kept.length === 0;
  const after = { status: isWhole ? "CANCELLED" : status, items: isWhole ? order.items : kept, returned } as const;
  return { ...sameExcept(order), ...after };
}

/**
 * Lets a hold expire later: a number of seconds from now. Once for each hold.
 *
 * @param holdSeconds counted from `nowMs`
 */
export function extend(order: OrderState, holdSeconds: number, nowMs: number): Change | Refusal {
  const status = statusAt(order, nowMs);
  const refused = (code: RefusalCode): Refusal => ({ kind: "refused", code, orderStatus: status });
  if (status === "PENDING") return refused("order-undecided");
  if (status === "EXPIRED") return refused("hold-expired");
  if (status !== "HELD") return refused("order-not-held");
  if (order.wasExtended) return refused("hold-extended-before");
  return { ...sameExcept(order), expiresAtMs: nowMs + holdSeconds * 1_000 };
}

function sameExcept({ status, items, expiresAtMs, paymentReference }: OrderState): Change {
  return { kind: "change", status, items, returned: [], expiresAtMs, paymentReference };
}

/** What is left of some items, or null when there are fewer than are taken away. */
function subtract(items: readonly Line[], taken: readonly Line[]): Line[] | null {
  const takenByType = new Map(taken.map(({ ticketType, quantity }) => [ticketType, quantity]));
  const kept = items.map(({ ticketType, quantity }) => {
    const left = quantity - (takenByType.get(ticketType) ?? 0);
    takenByType.delete(ticketType);
    return { ticketType, quantity: left };
  });
  if (takenByType.size > 0 || kept.some(({ quantity }) => quantity < 0)) return null;
  return kept.filter(({ quantity }) => quantity > 0);
}

function isSame(a: readonly Line[], b: readonly Line[]): boolean {
  const rest = subtract(a, b);
  return rest !== null && rest.length === 0;
}
