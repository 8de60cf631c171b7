// Confirms and cancels orders for the people of the console: with the transaction of the gateways
// (packages/database/src/transitions), one order at a time. The admin service needs no gateway and no API key for it,
// so the console works beside any installation that it can read.
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { currentCapability, findLowestCapability } from "@onsale/database/statements/operations/lowest-capability";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { announceChanges } from "@onsale/database/statements/transitions/announce-changes";
import { type AppliedGroup, applyTransitions, OrderLockedError } from "@onsale/database/transitions/apply-transitions";
import type { PlannedTransition, Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import type { Metrics } from "@onsale/observability/metrics";
import { createTransitionMetrics } from "@onsale/service/transition-metrics";
import { HttpError } from "../errors/http-error.ts";
import { describeOutcome } from "./describe-outcome.ts";

export type OrderChange = Readonly<{
  orderId: string;
  /** The version of the order that the person saw. */
  version: number;
  user: string;
  wish: Wish;
}>;

export type OrderChanges = Readonly<{
  /**
   * @returns what was done, in a sentence
   * @throws HttpError when the order cannot be changed so
   */
  change: (change: OrderChange) => Promise<string>;
}>;

/**
 * @param db its sessions have `transitionSettings`
 * @param enqueue has the lane of an event decide what is pending there
 * @param onError told about announcements and jobs that failed: gateways and workers also check by themselves
 */
export function createOrderChanges(
  db: Db,
  metrics: Metrics,
  enqueue: (eventId: number) => Promise<unknown>,
  onError: (error: Error) => void,
): OrderChanges {
  const count = createTransitionMetrics(metrics);
  const retries = metrics.counter("db_transaction_retries_total");

  async function announce(transitions: readonly PlannedTransition[]): Promise<void> {
    const buckets = transitions.flatMap(({ returned, eventId }) => (returned.length > 0 ? bucketOf(eventId) : []));
    const orderIds = transitions.map(({ orderId }) => orderId);
    await announceChanges(db, orderIds, buckets).catch(onError);
  }

  function apply(accountId: number, { orderId, version, user, wish }: OrderChange): Promise<AppliedGroup> {
    const matches = (current: number) => current === version;
    const request = { accountId, orderId, actor: `console ${user}`, wish, key: null, matches };
    const run = () => applyTransitions(db, [request]);
    return withContentionRetries(run, (sqlstate) => retries.inc({ sqlstate })).catch((error: unknown) => {
      if (!(error instanceof OrderLockedError)) throw error;
      throw new HttpError(503, "Another request is changing this order; try again.");
    });
  }

  return {
    change: async (change) => {
      if ((await findLowestCapability(db)) < currentCapability) {
        throw new HttpError(503, "Orders can be changed once all processes have this version; try again in a moment.");
      }
      const [order] = await getOrders(db, [change.orderId]);
      if (order === undefined) throw new HttpError(404, "There is no order with this id.");
      const { outcomes, transitions } = await apply(order.accountId, change);
      if (transitions.length > 0) {
        count(transitions);
        await announce(transitions);
      }
      // The lane decides a late payment like a purchase.
      if (outcomes[0]?.kind === "late") await enqueue(order.eventId).catch(onError);
      return describeOutcome(outcomes[0], change.wish);
    },
  };
}
