// An allocator without queues: it serves what a test tells it to.
import { strict as assert } from "node:assert";
import type { Db } from "@onsale/database/client";
import { bucketOf } from "@onsale/domain/bucket";
import { createLogger } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { createAllocator, type Pace } from "@onsale/worker/allocator";
import type { TestEvent } from "../database/factories.ts";
import { readOrders } from "../database/sale.ts";

/** An allocator, and how to read what it counted. */
export function createParts(db: Db, pace?: Pace) {
  const metrics = createMetrics();
  const allocator = createAllocator(db, metrics, createLogger("test", "silent"), pace);
  const serve = (eventId: number, comeBack: () => Promise<unknown>) => allocator.serve([bucketOf(eventId)], comeBack);
  return {
    allocator,
    serve,
    /** Serves the bucket of an event as often as it asks to come back; returns how many orders that decided. */
    serveAll: async (eventId: number): Promise<number> => {
      let decided = 0;
      for (let comesBack = true; comesBack; ) {
        comesBack = false;
        const result = await serve(eventId, async () => {
          comesBack = true;
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

export const neverComeBack = () => assert.fail("the partition was enqueued again");

/** How many orders of an event there are of each status, with its reason. */
export async function countStatuses(db: Db, event: TestEvent): Promise<Record<string, number>> {
  const statuses = (await readOrders(db, event)).map((order) => [order.status, order.reason].join(" ").trim());
  const byText = Map.groupBy(statuses, (text) => text);
  return Object.fromEntries(Array.from(byText, ([text, all]) => [text, all.length]));
}
