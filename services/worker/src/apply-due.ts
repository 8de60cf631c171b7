// Puts tickets on sale again, and does not let an event for which that is impossible hold up the others.
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { applyReturns, type Returned } from "@onsale/database/statements/allocation/apply-returns";
import { findDueEvents } from "@onsale/database/statements/allocation/find-due";
import { bucketOf } from "@onsale/domain/bucket";
import { crashAt } from "@onsale/lifecycle/failpoints";

export type ReturnHooks = Readonly<{
  onReturned?: (returned: Returned) => void;
  /** Called for an event whose tickets cannot be put on sale; the next round tries again. */
  onReturnsFailed?: (eventId: number, error: unknown) => void;
}>;

/**
 * Applies what is due in some buckets. All of it is one statement; when its data are at fault, as when a constraint is
 * violated, the events are applied one at a time, and those that fail are left out.
 *
 * @param firstOrderIds as of `applyReturns`
 * @returns whether there may be more
 */
export async function applyDue(
  db: Db,
  buckets: readonly number[],
  { onReturned, onReturnsFailed }: ReturnHooks,
  firstOrderIds: readonly string[] = [],
): Promise<boolean> {
  const apply = async (own: readonly number[], onlyEventId: number | null) => {
    crashAt("return.found");
    const returned = await applyReturns(db, own, firstOrderIds, onlyEventId);
    crashAt("return.committed");
    onReturned?.(returned);
    return returned.hasMore;
  };
  try {
    return await apply(buckets, null);
  } catch (error) {
    if (classify(error) !== "data") throw error;
  }
  let hasMore = false;
  for (const eventId of await findDueEvents(db, buckets)) {
    try {
      hasMore = (await apply([bucketOf(eventId)], eventId)) || hasMore;
    } catch (error) {
      if (classify(error) !== "data") throw error;
      onReturnsFailed?.(eventId, error);
    }
  }
  return hasMore;
}
