// Orders and deliveries as the console shows them.
import { requestedLines, shownExpiry, totalOf } from "@onsale/contracts/present-order";
import type { DeliveryRow, OrderDeliveryRow } from "@onsale/database/statements/deliveries/list-deliveries";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import type { TransitionRow } from "@onsale/database/statements/transitions/read-history";
import type { DeliveryLine, OrderDetail, OrderLine, TransitionLine } from "../messages/messages.ts";
import { describeReason } from "./describe-reason.ts";

/** An order as the console shows it. */
export function presentOrder(row: OrderRow): OrderLine {
  return {
    id: row.id,
    eventId: row.eventId,
    eventCode: row.eventCode,
    tickets: (row.items ?? requestedLines(row)).map(({ ticketType, quantity }) => ({ ticketType, quantity })),
    status: row.status,
    reason: describeReason(row),
    strategy: row.strategy,
    customerRef: row.customerRef,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
  };
}

/**
 * One order with everything that the console shows of it.
 *
 * @param nowMs the present time
 */
export function presentDetail(
  row: OrderRow,
  history: readonly TransitionRow[],
  deliveries: readonly OrderDeliveryRow[],
  nowMs: number,
): OrderDetail {
  const items = row.items ?? requestedLines(row);
  const prices = row.terms?.prices;
  const expiresAt = shownExpiry(row);
  return {
    order: presentOrder(row),
    items: items.map((item) => ({ ...item, unitPrice: prices?.[item.ticketType] ?? null })),
    total: totalOf(items, prices),
    paymentReference: row.paymentReference,
    expiresAt: expiresAt?.toISOString() ?? null,
    expiresInSeconds:
      row.status === "HELD" && expiresAt !== null ? Math.max(0, (expiresAt.getTime() - nowMs) / 1_000) : null,
    history: history.map(presentTransition),
    deliveries: deliveries.map((delivery) => ({
      ...presentDelivery(delivery),
      endpointId: delivery.endpointId,
      origin: new URL(delivery.url).origin,
      isEnabled: delivery.isEnabled,
    })),
  };
}

function presentTransition({ at, from, to, actor, reason, items }: TransitionRow): TransitionLine {
  return { at: at.toISOString(), from, to, actor, reason, items: items ?? [] };
}

/** A delivery as the console shows it. */
export function presentDelivery(row: DeliveryRow): DeliveryLine {
  return {
    id: row.id,
    type: row.type,
    orderId: row.orderId,
    status: row.status,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    nextAttemptAt: row.status === "PENDING" ? row.nextAttemptAt.toISOString() : null,
    attempts: row.attempts.map(({ startedAtMs, ...attempt }) => ({
      ...attempt,
      startedAt: new Date(startedAtMs).toISOString(),
    })),
  };
}
