import type { Db } from "@onsale/database/client";
import { announceArrivals } from "@onsale/database/statements/announce-arrivals";
import { bucketCount } from "@onsale/domain/bucket";
import { createGrouper } from "./grouper.ts";

/** Announcements to workers that an order has come; buckets of the same moment share one. */
export type Arrivals = Readonly<{
  /** Never throws: where nothing is heard, a job follows (enqueuer.ts). */
  announce: (bucket: number) => void;
  /** Waits for what is on its way. */
  close: () => Promise<void>;
}>;

/** @param onError told what could not be announced */
export function createArrivals(db: Db, onError: (error: unknown) => void): Arrivals {
  const { add, drain } = createGrouper<number>({
    slotCount: 1,
    groupCountMax: bucketCount,
    serve: (buckets) => announceArrivals(db, [...new Set(buckets)]).catch(onError),
  });
  return { announce: add, close: drain };
}
