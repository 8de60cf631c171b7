// What becomes of a group of purchases: one insert for all of them, and an answer for each. Each is accepted, replayed
// or reused; or refused, when the database is gone or cannot take it. A refused one may have been stored after all (the
// connection may break after the commit): then the same key finds it again, which is what the client is told to do.
import type { Db } from "@onsale/database/client";
import { classify, withContentionRetries } from "@onsale/database/errors";
import { findOrdersByKey, keyText } from "@onsale/database/statements/orders/find-orders-by-key";
import { type InsertedOrder, insertOrders, type NewOrder } from "@onsale/database/statements/orders/insert-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import type { Metrics } from "@onsale/observability/metrics";
import { ProblemError } from "../http/problem-error.ts";

/** A valid purchase: an order to be, with the code of its event. */
export type PurchaseRequest = Omit<NewOrder, "id"> & Readonly<{ eventCode: string }>;

export type IntakeAnswer = Readonly<
  { kind: "accepted"; order: OrderRow } | { kind: "replayed"; order: OrderRow } | { kind: "reused" }
>;

/** A purchase that waits for its answer. */
export type Submission = Readonly<{
  /** The order's, if the purchase is new. */
  id: string;
  request: PurchaseRequest;
  resolve: (answer: IntakeAnswer) => void;
  reject: (error: unknown) => void;
}>;

/** Stores a group and answers everybody in it; never throws. */
export type Recorder = (group: readonly Submission[]) => Promise<void>;

/** @param onCommitted told which events have new orders, how many, and the last `seq`, as soon as these are committed */
export function createRecorder(
  db: Db,
  metrics: Metrics,
  onCommitted: (eventId: number, count: number, lastSeq: number) => void,
): Recorder {
  const acceptedTotal = metrics.counter("orders_accepted_total");
  const batchSize = metrics.histogram("accept_batch_size");
  const retries = metrics.counter("db_transaction_retries_total");
  const rejected = metrics.counter("admission_rejected_total");

  async function answerAll(batch: readonly Submission[]): Promise<void> {
    try {
      const rows = await insertGroup(db, batch, (sqlstate) => retries.inc({ sqlstate }));
      batchSize.observe(batch.length);
      const inserted = new Map(rows.map((row) => [row.id, row]));
      const others = batch.filter(({ id }) => !inserted.has(id));
      // New orders need not wait until the others are found.
      accept(
        batch.flatMap((item) => {
          const row = inserted.get(item.id);
          return row === undefined ? [] : [{ item, order: pendingOrder(item.request, row) }];
        }),
      );
      if (others.length > 0) await answerKnown(others).catch((error) => answerFailed(others, error));
    } catch (error) {
      await answerFailed(batch, error);
    }
  }

  function accept(accepted: readonly Readonly<{ item: Submission; order: OrderRow }>[]): void {
    acceptedTotal.inc(accepted.length);
    const byEvent = new Map<number, { count: number; lastSeq: number }>();
    for (const { order } of accepted) {
      const known = byEvent.get(order.eventId);
      if (known === undefined) byEvent.set(order.eventId, { count: 1, lastSeq: order.seq });
      else {
        known.count++;
        known.lastSeq = Math.max(known.lastSeq, order.seq);
      }
    }
    for (const [eventId, { count, lastSeq }] of byEvent) onCommitted(eventId, count, lastSeq);
    for (const { item, order } of accepted) item.resolve({ kind: "accepted", order });
  }

  /** Answers purchases whose keys were taken when they were inserted. */
  async function answerKnown(batch: readonly Submission[]): Promise<void> {
    const found = await findOrdersByKey(
      db,
      batch.map(({ request }) => request),
    );
    const byKey = new Map(found.map((order) => [keyText(order), order]));
    for (const item of batch) {
      const order = byKey.get(keyText(item.request));
      if (order === undefined) throw new Error("an order was neither inserted nor found by its key");
      // Its own id: an earlier attempt at this insert was committed although it looked failed.
      if (order.id === item.id) accept([{ item, order }]);
      else if (order.fingerprint === item.request.fingerprint) item.resolve({ kind: "replayed", order });
      else item.resolve({ kind: "reused" });
    }
  }

  async function answerFailed(batch: readonly Submission[], error: unknown): Promise<void> {
    const kind = classify(error);
    if (kind === "data" && batch.length > 1) {
      // One purchase that the database cannot take must not take the others with it.
      const middle = batch.length >> 1;
      await Promise.all([answerAll(batch.slice(0, middle)), answerAll(batch.slice(middle))]);
      return;
    }
    const problem = refusalOf(error);
    if (problem.code === "dependency-unavailable") rejected.inc({ reason: problem.code }, batch.length);
    for (const { reject } of batch) reject(problem);
  }

  return answerAll;
}

const outcomeUnknown = "The purchase could not be recorded for certain. Send it again with the same Idempotency-Key.";

function refusalOf(error: unknown): ProblemError {
  const kind = classify(error);
  const isPassing = kind === "unavailable" || kind === "contention";
  return new ProblemError(isPassing ? "dependency-unavailable" : "internal-error", outcomeUnknown, { cause: error });
}

async function insertGroup(
  db: Db,
  group: readonly Submission[],
  onRetry: (sqlstate: string) => void,
): Promise<InsertedOrder[]> {
  const orders = group.map(({ id, request }) => ({ id, ...request }));
  const attempt = () => withContentionRetries(() => insertOrders(db, orders), onRetry);
  return attempt().catch((error) => {
    // Once more on another connection: what was committed after all is then found by its keys.
    if (classify(error) === "unavailable") return attempt();
    throw error;
  });
}

/** The order as it was just inserted, without asking the database for what is known here. */
function pendingOrder(request: PurchaseRequest, { id, seq, createdAt }: InsertedOrder): OrderRow {
  const { accountId, eventId, eventCode, ticketType, quantity, strategy, customerRef } = request;
  return {
    ...{ id, seq, accountId, eventId, eventCode, ticketType, quantity, strategy, customerRef, createdAt },
    ...{ status: "PENDING", reason: null, decidedAt: null, version: 1 },
  };
}
