import type { OrderDeliveryRow } from "@onsale/database/statements/deliveries/list-deliveries";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import type { DeliveryLine, OrderLine } from "./messages.ts";

/** An order as the console shows it. */
export function presentOrder(row: OrderRow): OrderLine {
  const { id, eventId, eventCode, ticketType, quantity, status, reason, strategy, customerRef, version } = row;
  return {
    ...{ id, eventId, eventCode, ticketType, quantity, status, reason, strategy, customerRef, version },
    createdAt: row.createdAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
  };
}

/** A delivery as the console shows it. Of the endpoint's URL only where it is: the rest may hold secrets. */
export function presentDelivery(row: OrderDeliveryRow): DeliveryLine {
  const { id, endpointId, isEnabled, type, status } = row;
  return {
    ...{ id, endpointId, isEnabled, type, status },
    origin: new URL(row.url).origin,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    nextAttemptAt: status === "PENDING" ? row.nextAttemptAt.toISOString() : null,
    attempts: row.attempts.map(({ startedAtMs, ...attempt }) => ({
      ...attempt,
      startedAt: new Date(startedAtMs).toISOString(),
    })),
  };
}
