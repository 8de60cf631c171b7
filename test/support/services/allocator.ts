// An allocator without queues: a test calls it with the event to serve.
import { strict as assert } from "node:assert";
import type { Db } from "@onsale/database/client";
import { bucketOf } from "@onsale/domain/bucket";
import { createLogger } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { createAllocator, type Pace } from "@onsale/worker/allocator";
import type { TestEvent } from "../database/factories.ts";
import { readOrders } from "../database/sale.ts";

/** Creates an allocator, and functions that serve an event and read the allocator's metrics. */
export function createParts(db: Db, pace?: Pace) {
  const metrics = createMetrics();
  const allocator = createAllocator(db, metrics, createLogger("test", "silent"), pace);
  const serve = (eventId: number, enqueueAgain: () => Promise<unknown>) =>
    allocator.serve([bucketOf(eventId)], enqueueAgain);
  return {
    allocator,
    serve,
    /** Serves the bucket of an event until it is not enqueued again; returns the number of decided orders. */
    serveAll: async (eventId: number): Promise<number> => {
      let decided = 0;
      for (let isEnqueued = true; isEnqueued; ) {
        isEnqueued = false;
        const result = await serve(eventId, async () => {
          isEnqueued = true;
        });
        decided += result.decided;
      }
      return decided;
    },
    read: async (line: string): Promise<number> => {
      const found = (await metrics.text()).split("\n").find((candidate) => candidate.startsWith(`${line} `));
      return Number(found?.slice(line.length + 1) ?? 0);
    },
  };
}

export const neverEnqueueAgain = () => assert.fail("the partition was enqueued again");

/** The number of an event's orders by status and reason. */
export async function countStatuses(db: Db, event: TestEvent): Promise<Record<string, number>> {
  const statuses = (await readOrders(db, event)).map((order) => [order.status, order.reason].join(" ").trim());
  const byText = Map.groupBy(statuses, (text) => text);
  return Object.fromEntries(Array.from(byText, ([text, all]) => [text, all.length]));
}
