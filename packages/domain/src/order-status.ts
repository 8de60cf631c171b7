// An order is accepted as PENDING. Its first decision makes it CONFIRMED or REJECTED, HELD when it has to be confirmed
// later, or WAITING for tickets that come back. A hold is CONFIRMED in time, or else becomes EXPIRED or CANCELLED. A
// confirmed order can be CANCELLED. An expired order that is paid late is CONFIRMED if its tickets are still there. An
// order that waits is offered tickets, which it then holds, or is CANCELLED.
import type { OrderStatus } from "@onsale/contracts/order";

const transitions: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  PENDING: ["HELD", "CONFIRMED", "REJECTED", "WAITING"],
  WAITING: ["HELD", "CANCELLED"],
  HELD: ["CONFIRMED", "EXPIRED", "CANCELLED"],
  CONFIRMED: ["CANCELLED"],
  REJECTED: [],
  EXPIRED: ["CONFIRMED"],
  CANCELLED: [],
};

/** Whether an order may go from one status to another in one step. */
export function canBecome(from: OrderStatus, to: OrderStatus): boolean {
  return transitions[from].includes(to);
}

/** Whether a request or time can give the order another status. A REJECTED or CANCELLED order stays as it is. */
export function canChange(status: OrderStatus): boolean {
  return transitions[status].length > 0;
}

/**
 * Whether the order has its first decision. That need not be the last one: a hold is followed by another transition.
 */
export function hasDecision(status: OrderStatus): boolean {
  return status !== "PENDING";
}

/** Whether the order changes only on request: PENDING, WAITING and HELD orders also change without one. */
export function isFinal(status: OrderStatus): boolean {
  return status !== "PENDING" && status !== "WAITING" && status !== "HELD";
}

/** Whether the order has tickets: they count as allocated. */
export function hasTickets(status: OrderStatus): boolean {
  return status === "HELD" || status === "CONFIRMED";
}
