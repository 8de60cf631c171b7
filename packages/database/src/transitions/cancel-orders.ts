// Cancels the orders of cancelled events, one batch in one transaction: it claims an event, counts its orders in the
// first rounds, and then cancels the next ones like the requests of a gateway, together with the place from which the
// next batch goes on. A worker that is killed leaves nothing half done, and another one continues at that place. An
// order that somebody else has locked at that moment ends the batch before it, so it comes first in the next one.
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { Db } from "../client.ts";
import { type ClaimedCancellation, claimCancellation } from "../statements/cancellations/claim-cancellation.ts";
import { countCancellable, findCancellable } from "../statements/cancellations/find-cancellable.ts";
import { finishCancellation, writeBatch, writeCount } from "../statements/cancellations/write-progress.ts";
import { changeOrders } from "./apply-transitions.ts";

/** The reason in the history of an order when none was given. */
const defaultReason = "event-cancelled";

/** Some 20 ms: other transactions wait that long at most for an order of the batch. */
const batchCountMax = 250;

export type CancelledOrders = Readonly<{ eventId: number; orderIds: readonly string[] }>;

/**
 * Cancels the next orders of the event that is due.
 *
 * @returns the orders that this call cancelled, which may be none; null when no event is due, or when others do it
 */
export function cancelOrders(db: Db): Promise<CancelledOrders | null> {
  return db.transaction().execute(async (tx) => {
    const claimed = await claimCancellation(tx);
    if (claimed === undefined) return null;
    const orderIds = await runRound(tx, claimed);
    crashAt("cancellation.before-commit");
    return { eventId: claimed.eventId, orderIds };
  });
}

async function runRound(tx: Db, claimed: ClaimedCancellation): Promise<readonly string[]> {
  const { eventId, afterSeq, isCounted, hasManyReturns } = claimed;
  if (!isCounted) {
    await writeCount(tx, eventId, await countCancellable(tx, eventId, afterSeq));
    return [];
  }
  if (hasManyReturns) {
    await writeBatch(tx, eventId, 0, afterSeq);
    return [];
  }
  const { orders, throughSeq } = await findCancellable(tx, eventId, afterSeq, batchCountMax);
  if (throughSeq === null) {
    await finishCancellation(tx, eventId);
    return [];
  }
  const { outcomes, transitions } = await changeOrders(tx, orders.map(toRequest(claimed)));
  const firstLocked = orders.find((_, index) => outcomes[index]?.kind === "locked");
  await writeBatch(tx, eventId, transitions.length, firstLocked === undefined ? throughSeq : firstLocked.seq - 1);
  return transitions.map(({ orderId }) => orderId);
}

function toRequest({ accountId, actor, reason }: ClaimedCancellation) {
  const wish = { kind: "cancel", items: null, reason: reason ?? defaultReason } as const;
  return ({ id: orderId }: Readonly<{ id: string }>) => {
    return { accountId, orderId, actor, wish, key: null, matches: () => true };
  };
}
