// Decides orders against the stock, in arrival order; pure.
import { strict as assert } from "node:assert";
import type { RejectionReason } from "@onsale/contracts/order";

/** What an order asks for. */
export type Demand = Readonly<{ ticketType: string; quantity: number }>;

/**
 * The first decision about an order, which today is also final (order-status.ts). An order gets all its tickets or
 * none. A decision has a reason if and only if it rejects.
 */
export type Decision = Readonly<
  { status: "CONFIRMED"; reason: null } | { status: "REJECTED"; reason: RejectionReason }
>;

const confirmed: Decision = Object.freeze({ status: "CONFIRMED", reason: null });
const soldOut: Decision = Object.freeze({ status: "REJECTED", reason: "sold-out" });
const insufficientStock: Decision = Object.freeze({ status: "REJECTED", reason: "insufficient-stock" });

/**
 * Decides orders one after the other, first come first served: an order that asks for more than is left is rejected,
 * and the next one may still be confirmed.
 *
 * @param available tickets left, by ticket type; it is not changed
 * @param demands in arrival order
 * @returns one decision per demand, in the same order
 * @throws AssertionError when a demand has a ticket type that `available` does not know, or a quantity below 1; the
 *   gateway refuses both
 */
export function allocate(available: ReadonlyMap<string, number>, demands: readonly Demand[]): Decision[] {
  const left = new Map(available);
  return demands.map(({ ticketType, quantity }) => {
    const stock = left.get(ticketType);
    assert(stock !== undefined, `no stock is known for ticket type ${ticketType}`);
    assert(quantity >= 1, `a quantity is at least 1, not ${quantity}`);
    if (stock <= 0) return soldOut;
    if (quantity > stock) return insufficientStock;
    left.set(ticketType, stock - quantity);
    return confirmed;
  });
}
