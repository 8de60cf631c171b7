import type { Db } from "@onsale/database/client";
import { announceArrivals } from "@onsale/database/statements/allocation/announce-arrivals";
import { bucketCount } from "@onsale/domain/bucket";
import { createGrouper } from "../batching/grouper.ts";

/** Tells workers in their idle grace that an order was recorded. */
export type Arrivals = Readonly<{
  /** Announces a bucket; buckets of the same moment share a NOTIFY. Never throws: a job follows (enqueuer.ts). */
  announce: (bucket: number) => void;
  /** Waits until all announcements are sent. */
  close: () => Promise<void>;
}>;

/** @param onError called with the reason when an announcement could not be sent */
export function createArrivals(db: Db, onError: (error: unknown) => void): Arrivals {
  const { add, drain } = createGrouper<number>({
    slotCount: 1,
    groupSizeMax: bucketCount,
    handle: (buckets) => announceArrivals(db, [...new Set(buckets)]).catch(onError),
  });
  return { announce: add, close: drain };
}
