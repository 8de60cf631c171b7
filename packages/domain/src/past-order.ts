// An order as an earlier transition left it: the transitions after that one are undone. Nothing is lost on the way,
// because an order's history says what was given back, and a hold is extended once at most; pure.
import type { OrderStatus } from "@onsale/contracts/order";
import { type OrderFacts, requestedLines } from "@onsale/contracts/present-order";
import type { Line } from "./decide.ts";

/** A transition after the first decision. */
export type LaterTransition = Readonly<{
  /** The order's version after it. */
  version: number;
  from: OrderStatus;
  to: OrderStatus;
  /** The tickets that were given back, when the order kept others. */
  items: readonly Line[] | null;
}>;

/**
 * @param order as it is now
 * @param transitions all those after its first decision, by rising version; those that are newer than `order` count not
 * @param version the one to go back to, from 2 on
 */
export function orderAt<Order extends OrderFacts>(
  order: Order,
  transitions: readonly LaterTransition[],
  version: number,
): Order {
  const undone = transitions.filter(
    (transition) => transition.version > version && transition.version <= order.version,
  );
  const status = undone[0]?.from ?? order.status;
  const returned = undone.flatMap(({ items }) => items ?? []);
  const items = returned.length === 0 ? order.items : addLines(order, returned);
  const isBeforeExtension = undone.some(({ from, to, items }) => from === "HELD" && to === "HELD" && items === null);
  const isBeforeOffer = undone.some(({ from }) => from === "WAITING");
  const expiresAt = isBeforeOffer ? null : isBeforeExtension ? firstExpiry(order) : order.expiresAt;
  // The last of these has the reference that the order has now; before it the order had none.
  const isBeforePayment = undone.some(({ to, items }) => to === "CONFIRMED" && items === null);
  const paymentReference = isBeforePayment ? null : order.paymentReference;
  return { ...order, version, status, items, expiresAt, paymentReference };
}

/** The lines that the order has, and those that it had before, in the order of the request. */
function addLines(order: OrderFacts, returned: readonly Line[]): Line[] {
  const requested = requestedLines(order);
  const quantityOf = (lines: readonly Line[], wanted: string) =>
    lines.reduce((sum, { ticketType, quantity }) => (ticketType === wanted ? sum + quantity : sum), 0);
  return requested
    .map(({ ticketType }) => ({ ticketType, quantity: quantityOf([...(order.items ?? []), ...returned], ticketType) }))
    .filter(({ quantity }) => quantity > 0);
}

function firstExpiry({ decidedAt, terms }: OrderFacts): Date | null {
  return decidedAt === null || terms?.holdSeconds === undefined
    ? null
    : new Date(decidedAt.getTime() + terms.holdSeconds * 1_000);
}
