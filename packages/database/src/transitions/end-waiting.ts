// Cancels orders that still wait when the sale of what they wait for has ended, one batch in one transaction. An order
// that is offered tickets at the same moment has another version then, and keeps the offer; one that somebody else has
// locked comes in a later batch. Several workers may do this: those that are late find the orders locked or changed.
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { Db } from "../client.ts";
import { findEndedWaiting } from "../statements/waiting-list/find-ended-waiting.ts";
import { changeOrders } from "./apply-transitions.ts";

/** Some 20 ms, as for cancelled events (cancel-orders.ts). */
const batchCountMax = 250;

export type EndedOrders = Readonly<{ eventId: number; orderIds: readonly string[] }>;

/** @returns the orders that this call cancelled, which may be none; null when none has to be */
export function endWaiting(db: Db): Promise<EndedOrders | null> {
  return db.transaction().execute(async (tx) => {
    const ended = await findEndedWaiting(tx, batchCountMax);
    const [first] = ended;
    if (first === undefined) return null;
    const wish = { kind: "cancel", items: null, reason: "sale-ended" } as const;
    const requests = ended.map(({ accountId, orderId, version }) => {
      const matches = (current: number) => current === version;
      return { accountId, orderId, actor: "onsale", wish, key: null, matches };
    });
    const { transitions } = await changeOrders(tx, requests);
    crashAt("ended-sale.before-commit");
    return { eventId: first.eventId, orderIds: transitions.map(({ orderId }) => orderId) };
  });
}
