// The place of a single order in answers and streams: in the queue while it is pending, on the waiting list while it
// waits.
import type { OrderPlace } from "@onsale/contracts/present-order";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import type { QueueEstimates } from "./queue-estimates.ts";
import type { WaitlistPlaces } from "./waitlist-places.ts";

export type OrderPlaces = Readonly<{
  /** What needs no query; undefined for an order on a waiting list. A pending order does not wait for a count. */
  guess: (order: OrderRow) => OrderPlace | undefined;
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
    guess: (order) => {
      if (order.status === "PENDING") return { queue: queueEstimates.guess(order) };
      return order.status === "WAITING" ? undefined : nowhere;
    },
    read: async (order) =>
      order.status === "PENDING" ? { queue: await queueEstimates.estimate(order) } : onWaitlist(order),
  };
}
