// The place of a single order in answers and streams: in the queue while it is pending, on the waiting list while it
// waits.
import type { OrderPlace } from "@onsale/contracts/present-order";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import type { QueueEstimates } from "./queue-estimates.ts";
import type { WaitlistPlaces } from "./waitlist-places.ts";

export type OrderPlaces = Readonly<{
  /** For the answer to a purchase: a pending order does not wait for a count. */
  guess: (order: OrderRow) => Promise<OrderPlace>;
  read: (order: OrderRow) => Promise<OrderPlace>;
}>;

const nowhere: OrderPlace = Object.freeze({});

export function createOrderPlaces(
  queueEstimates: Pick<QueueEstimates, "guess" | "estimate">,
  waitlistPlaces: WaitlistPlaces,
): OrderPlaces {
  async function onWaitlist(order: OrderRow): Promise<OrderPlace> {
    if (order.status !== "WAITING") return nowhere;
    const waitlist = await waitlistPlaces.placeOf(order);
    return waitlist === undefined ? nowhere : { waitlist };
  }
  return {
    guess: async (order) => (order.status === "PENDING" ? { queue: queueEstimates.guess(order) } : onWaitlist(order)),
    read: async (order) =>
      order.status === "PENDING" ? { queue: await queueEstimates.estimate(order) } : onWaitlist(order),
  };
}
