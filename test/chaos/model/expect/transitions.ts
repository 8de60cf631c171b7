// What a request does to an order: docs/api-guide.md, "Hold and confirm" and "Cancel".
import type { Line } from "@onsale/domain/decide";
import { countOf, type ModelOrder } from "./sale.ts";

/** The order after the request, and the problem that is answered, if any. */
export type Outcome = Readonly<{ order: ModelOrder; problem?: string }>;

const changed = (order: ModelOrder, part: Partial<ModelOrder>): Outcome => ({
  order: { ...order, version: order.version + 1, ...part },
});

const refused = (order: ModelOrder, problem: string): Outcome => ({ order, problem });

/** The payment has to be paid back, which is noted once for each reference. */
function refusedPayment(order: ModelOrder, reference: string, problem: string): Outcome {
  const refunds = order.refunds.includes(reference) ? order.refunds : [...order.refunds, reference];
  return { order: { ...order, refunds }, problem };
}

/** @param hasRoom whether a late payment finds all tickets of the order */
export function confirm(order: ModelOrder, reference: string, hasRoom: boolean): Outcome {
  const { status, paymentReference, refunds } = order;
  switch (status) {
    case "HELD":
      return changed(order, { status: "CONFIRMED", paymentReference: reference });
    case "CONFIRMED":
      if (reference === paymentReference) return { order };
      // An order that was never held has no payment yet.
      if (paymentReference === null && !refunds.includes(reference))
        return changed(order, { paymentReference: reference });
      return refusedPayment(order, reference, "already-confirmed");
    case "EXPIRED":
      if (hasRoom && !refunds.includes(reference)) {
        return changed(order, { status: "CONFIRMED", paymentReference: reference });
      }
      return refusedPayment(order, reference, "hold-expired");
    default:
      return reference === paymentReference
        ? refused(order, "order-not-confirmable")
        : refusedPayment(order, reference, "order-not-confirmable");
  }
}

/** @param items what is given back; undefined gives back everything */
export function cancel(order: ModelOrder, key: string, items: readonly Line[] | undefined): Outcome {
  const { status, changes } = order;
  if (status === "REJECTED" || status === "EXPIRED") return refused(order, "order-not-cancellable");
  if (status === "CANCELLED") {
    return items === undefined || isSame(items, order.items) ? { order } : refused(order, "items-exceed-order");
  }
  const kept = order.items
    .map(({ ticketType, quantity }) => ({ ticketType, quantity: quantity - countOf(items ?? order.items, ticketType) }))
    .filter(({ quantity }) => quantity !== 0);
  const isTooMuch = kept.some(({ quantity }) => quantity < 0);
  const isOther = (items ?? []).some(({ ticketType }) => countOf(order.items, ticketType) === 0);
  if (isTooMuch || isOther) return refused(order, "items-exceed-order");
  return changed(order, {
    ...(kept.length === 0 ? { status: "CANCELLED" } : { items: kept }),
    changes: [...changes, { kind: "cancel", key, items }],
  });
}

export function extend(order: ModelOrder, key: string, seconds: number): Outcome {
  const { status, wasExtended, changes } = order;
  if (status === "EXPIRED") return refused(order, "hold-expired");
  if (status !== "HELD") return refused(order, "order-not-held");
  if (wasExtended) return refused(order, "hold-extended-before");
  return changed(order, { wasExtended: true, changes: [...changes, { kind: "extend", key, seconds }] });
}

/** Nobody has paid in time. */
export function expire(order: ModelOrder): ModelOrder {
  return changed(order, { status: "EXPIRED" }).order;
}

function isSame(a: readonly Line[], b: readonly Line[]): boolean {
  return [...a, ...b].every(({ ticketType }) => countOf(a, ticketType) === countOf(b, ticketType));
}
