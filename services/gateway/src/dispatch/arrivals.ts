import type { Db } from "@onsale/database/client";
import { announceArrivals } from "@onsale/database/statements/allocation/announce-arrivals";
import { bucketCount } from "@onsale/domain/bucket";
import { createGrouper } from "../batching/grouper.ts";

/** Tells workers in their idle grace that an order has come. */
export type Arrivals = Readonly<{
  /** Announces a bucket; those of the same moment share one notification. Never throws: a job follows (enqueuer.ts). */
  announce: (bucket: number) => void;
  /** Waits for announcements that are being sent. */
  close: () => Promise<void>;
}>;

/** @param onError told why an announcement could not be sent */
export function createArrivals(db: Db, onError: (error: unknown) => void): Arrivals {
  const { add, drain } = createGrouper<number>({
    slotCount: 1,
    groupCountMax: bucketCount,
    serve: (buckets) => announceArrivals(db, [...new Set(buckets)]).catch(onError),
  });
  return { announce: add, close: drain };
}
