// Orders as the API, the streams and the webhooks show them.

import type { Order, OrderStatus, QueuePosition, RejectionReason, Strategy } from "./order.ts";
import { basePath, rejectionReasons } from "./values.ts";

/** The stored facts of an order. */
export type OrderFacts = Readonly<{
  id: string;
  eventCode: string;
  ticketType: string;
  quantity: number;
  status: OrderStatus;
  /** Null unless the order is REJECTED: without a reason it may also be pending or held. */
  reason: RejectionReason | null;
  strategy: Strategy;
  customerRef: string | null;
  createdAt: Date;
  /** The time of the first decision. */
  decidedAt: Date | null;
  version: number;
}>;

/**
 * Builds an order for answers, streams and webhooks.
 *
 * @param queue its position, for a single pending order
 */
export function presentOrder(facts: OrderFacts, queue?: QueuePosition): Order {
  const { id, eventCode, ticketType, quantity, status, reason, strategy, customerRef, version } = facts;
  return {
    id,
    eventCode,
    ticketType,
    quantity,
    items: [{ ticketType, quantity }],
    status,
    reason: reason === null ? null : { code: reason, detail: rejectionReasons[reason] },
    strategy,
    customerRef,
    createdAt: facts.createdAt.toISOString(),
    decidedAt: facts.decidedAt?.toISOString() ?? null,
    expiresAt: null,
    version,
    ...(queue === undefined ? {} : { queue }),
    links: { self: `${basePath}/orders/${id}`, event: `${basePath}/events/${eventCode}` },
  };
}
