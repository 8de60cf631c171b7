// An order is accepted as PENDING. Allocation makes it CONFIRMED or REJECTED, or HELD when it has to be confirmed
// later; a hold is CONFIRMED in time, or else becomes EXPIRED or CANCELLED. A confirmed order can be CANCELLED.
// REJECTED, EXPIRED and CANCELLED are final.
import type { OrderStatus } from "@onsale/contracts/order";

const transitions: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  PENDING: ["HELD", "CONFIRMED", "REJECTED"],
  HELD: ["CONFIRMED", "EXPIRED", "CANCELLED"],
  CONFIRMED: ["CANCELLED"],
  REJECTED: [],
  EXPIRED: [],
  CANCELLED: [],
};

/** Whether an order may go from one status to another in one step. */
export function canBecome(from: OrderStatus, to: OrderStatus): boolean {
  return transitions[from].includes(to);
}

/** Whether the buyer has an answer: everything but PENDING. */
export function isDecided(status: OrderStatus): boolean {
  return status !== "PENDING";
}
