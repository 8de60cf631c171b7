import { basePath } from "./api.ts";
import {
  type Order,
  type OrderStatus,
  type QueuePosition,
  type RejectionReason,
  rejectionReasons,
  type Strategy,
} from "./order.ts";

/** What is known of an order. */
export type OrderFacts = Readonly<{
  id: string;
  eventCode: string;
  ticketType: string;
  quantity: number;
  status: OrderStatus;
  reason: RejectionReason | null;
  strategy: Strategy;
  customerRef: string | null;
  createdAt: Date;
  decidedAt: Date | null;
  version: number;
}>;

/**
 * An order as it is answered, streamed and sent to webhooks.
 *
 * @param queue where it stands, while it is pending
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
