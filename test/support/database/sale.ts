// A sale without queues or services: decides an event's orders with the worker's code, and audits the result.
import { strict as assert } from "node:assert";
import { audit } from "@onsale/database/audit/audit";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { listOrders } from "@onsale/database/statements/orders/list-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { bucketOf } from "@onsale/domain/bucket";
import { type BatchResult, decideBatch } from "@onsale/worker/batch";
import type { DecidedEntry } from "@onsale/worker/decided-event";
import type { TestEvent } from "./factories.ts";

const timeoutMs = 60_000;

/** Decides one batch of the bucket that an event is in. */
export function decideOnce(db: Db, eventId: number, countMax = 500): Promise<BatchResult> {
  return decideBatch(db, { buckets: [bucketOf(eventId)], countMax });
}

/** Decides batch after batch until nothing is pending, as one worker, and returns the batches. */
export async function decideAll(db: Db, eventId: number, batchCountMax = 500): Promise<(readonly DecidedEntry[])[]> {
  const batches: (readonly DecidedEntry[])[] = [];
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; ) {
    try {
      const result = await decideOnce(db, eventId, batchCountMax);
      if (result.kind === "nothing-pending") return batches;
      if (result.kind === "decided") batches.push(result.entries);
    } catch (error) {
      if (classify(error) !== "stock-changed") throw error;
    }
  }
  throw new Error(`orders of event ${eventId} are still pending after ${timeoutMs} ms`);
}

/** An event's orders in arrival order. */
export async function readOrders(db: Db, { id, accountId }: TestEvent): Promise<OrderRow[]> {
  const newestFirst = await listOrders(db, { accountId, eventId: id }, { offset: 0 }, 100_000);
  return newestFirst.reverse();
}

/** The numbers of the invariants that an event violates. */
export async function violations(db: Db, event: TestEvent): Promise<number[]> {
  const { ok, checks } = await audit(db, event.id, event.code);
  const numbers = checks.filter((check) => !check.ok).map((check) => check.invariant);
  assert.equal(ok, numbers.length === 0);
  return numbers;
}

/** Fails unless every invariant of the event holds. */
export async function assertSound(db: Db, event: TestEvent): Promise<void> {
  const { checks } = await audit(db, event.id, event.code);
  assert.deepEqual(
    checks.filter((check) => !check.ok),
    [],
  );
}
