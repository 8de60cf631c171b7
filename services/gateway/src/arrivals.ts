import type { Db } from "@onsale/database/client";
import { announceArrivals } from "@onsale/database/statements/announce-arrivals";
import { bucketCount } from "@onsale/domain/bucket";
import { createGrouper } from "./grouper.ts";

/** Takes buckets to be announced to the workers; those of the same moment share a notification. Never throws. */
export type Arrivals = (bucket: number) => void;

/** @param onError told what could not be announced; a job follows then (enqueuer.ts) */
export function createArrivals(db: Db, onError: (error: unknown) => void): Arrivals {
  return createGrouper<number>({
    slotCount: 1,
    groupCountMax: bucketCount,
    serve: (buckets) => announceArrivals(db, [...new Set(buckets)]).catch(onError),
  }).add;
}
