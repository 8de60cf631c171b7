// Records a group of purchases with one insert, and answers each one: accepted, replayed, reused, or refused when its
// sale is not open, or when the database is unavailable or cannot store it. A refused purchase may be stored all the
// same, because the connection can break after the commit. So its client is told to send it again with the same key,
// which then finds the order.
import type { ProblemCode } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { classify, withContentionRetries } from "@onsale/database/errors";
import { findOrdersByKey, keyText } from "@onsale/database/statements/orders/find-orders-by-key";
import {
  type InsertedOrder,
  type InsertResult,
  insertOrders,
  type NewOrder,
} from "@onsale/database/statements/orders/insert-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { isWithin } from "@onsale/domain/sale-window";
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { Metrics } from "@onsale/observability/metrics";
import { ProblemError } from "../http/problem-error.ts";
import { windowProblem } from "./sale-rules.ts";

/** A valid purchase. */
export type PurchaseRequest = Omit<NewOrder, "id"> & Readonly<{ eventCode: string }>;

/** `replayed`: the key's first purchase was the same; `reused`: it was another one. */
export type IntakeAnswer = Readonly<
  { kind: "accepted"; order: OrderRow } | { kind: "replayed"; order: OrderRow } | { kind: "reused" }
>;

/** A purchase without an answer yet. */
export type PendingPurchase = Readonly<{
  /** The id of its order, if its key is new. */
  id: string;
  request: PurchaseRequest;
  resolve: (answer: IntakeAnswer) => void;
  reject: (error: unknown) => void;
}>;

/** Records a group and answers every purchase of it; never throws. */
export type Recorder = (group: readonly PendingPurchase[]) => Promise<void>;

/** @param onCommitted called once orders are committed, per event, with their number and highest `seq` */
export function createRecorder(
  db: Db,
  metrics: Metrics,
  onCommitted: (eventId: number, count: number, lastSeq: number) => void,
): Recorder {
  const acceptedTotal = metrics.counter("orders_accepted_total");
  const batchSize = metrics.histogram("accept_batch_size");
  const retries = metrics.counter("db_transaction_retries_total");
  const rejected = metrics.counter("admission_rejected_total");

  async function record(group: readonly PendingPurchase[]): Promise<void> {
    try {
      const { rows, outside } = await insertGroup(db, group, (sqlstate) => retries.inc({ sqlstate }));
      batchSize.observe(group.length);
      const inserted = new Map(rows.map((row) => [row.id, row]));
      const others = group.filter(({ id }) => !inserted.has(id));
      // Answered first: they need not wait for the query that finds the others' orders.
      accept(
        group.flatMap((purchase) => {
          const row = inserted.get(purchase.id);
          return row === undefined ? [] : [{ purchase, order: pendingOrder(purchase.request, row) }];
        }),
      );
      if (others.length > 0) await answerOthers(others, outside).catch((error) => refuse(others, error));
    } catch (error) {
      await refuse(group, error);
    }
  }

  function accept(accepted: readonly Readonly<{ purchase: PendingPurchase; order: OrderRow }>[]): void {
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
    crashAt("purchase.before-answer");
    for (const { purchase, order } of accepted) purchase.resolve({ kind: "accepted", order });
  }

  /** Answers purchases whose keys the database had already, and those that were too early or too late. */
  async function answerOthers(group: readonly PendingPurchase[], outside: OutsideTimes): Promise<void> {
    const found = await findOrdersByKey(
      db,
      group.map(({ request }) => request),
    );
    crashAt("purchase.replayed");
    const byKey = new Map(found.map((order) => [keyText(order), order]));
    for (const purchase of group) {
      const order = byKey.get(keyText(purchase.request));
      if (order === undefined) rejected.inc({ reason: refuseOutside(purchase, outside.get(purchase.id)) });
      // Its own id: an earlier attempt at this insert was committed although it seemed to fail.
      else if (order.id === purchase.id) accept([{ purchase, order }]);
      else if (order.fingerprint === purchase.request.fingerprint) purchase.resolve({ kind: "replayed", order });
      else purchase.resolve({ kind: "reused" });
    }
  }

  async function refuse(group: readonly PendingPurchase[], error: unknown): Promise<void> {
    if (classify(error) === "data" && group.length > 1) {
      // Halves the group until the purchase that the database cannot store is alone; the others are recorded.
      const middle = group.length >> 1;
      await Promise.all([record(group.slice(0, middle)), record(group.slice(middle))]);
      return;
    }
    const problem = refusalOf(error);
    if (problem.code === "dependency-unavailable") rejected.inc({ reason: problem.code }, group.length);
    for (const { reject } of group) reject(problem);
  }

  return record;
}

/**
 * @param atMs when it was found to be outside of its window
 * @returns the code of its problem
 */
function refuseOutside({ request, reject }: PendingPurchase, atMs: number | undefined): ProblemCode {
  if (atMs === undefined) throw new Error("an order was neither inserted nor found by its key");
  const problem = windowProblem(request.window, atMs);
  reject(problem);
  return problem.code;
}

const outcomeUnknown =
  "It is not certain whether the purchase was recorded. Send it again with the same Idempotency-Key.";

function refusalOf(error: unknown): ProblemError {
  const kind = classify(error);
  const isTemporary = kind === "unavailable" || kind === "contention";
  return new ProblemError(isTemporary ? "dependency-unavailable" : "internal-error", outcomeUnknown, { cause: error });
}

/** Of purchases that were not inserted because their sale was not open, the time of that by id. */
type OutsideTimes = ReadonlyMap<string, number>;

/** Inserts those purchases of a group whose sale is open by PostgreSQL's clock. */
async function insertGroup(
  db: Db,
  group: readonly PendingPurchase[],
  onRetry: (sqlstate: string) => void,
): Promise<Readonly<{ rows: readonly InsertedOrder[]; outside: OutsideTimes }>> {
  const outside = new Map<string, number>();
  for (let rest = group; ; ) {
    crashAt("purchase.before-insert");
    const result = await insertOnce(db, rest, onRetry);
    crashAt("purchase.committed");
    if (result.kind === "inserted") return { rows: result.orders, outside };
    const { atMs } = result;
    const within = rest.filter(({ request }) => isWithin(request.window, atMs));
    for (const { id, request } of rest) if (!isWithin(request.window, atMs)) outside.set(id, atMs);
    if (within.length === 0) return { rows: [], outside };
    if (within.length === rest.length) throw new Error("PostgreSQL refused a time that is within all windows");
    rest = within;
  }
}

async function insertOnce(
  db: Db,
  group: readonly PendingPurchase[],
  onRetry: (sqlstate: string) => void,
): Promise<InsertResult> {
  const orders = group.map(({ id, request }) => ({ id, ...request }));
  const attempt = () => withContentionRetries(() => insertOrders(db, orders), onRetry);
  return attempt().catch((error) => {
    // Tries once more on another connection. If the first attempt was committed, its orders are found by their keys.
    if (classify(error) === "unavailable") return attempt();
    throw error;
  });
}

/** The order as it was just inserted; reading it back would cost a query. */
function pendingOrder(request: PurchaseRequest, { id, seq, createdAt }: InsertedOrder): OrderRow {
  const { accountId, eventId, eventCode, ticketType, quantity, terms, strategy, customerRef } = request;
  return {
    id,
    seq,
    accountId,
    eventId,
    eventCode,
    ticketType,
    quantity,
    terms,
    items: null,
    strategy,
    customerRef,
    createdAt,
    status: "PENDING",
    reason: null,
    shortage: null,
    paymentReference: null,
    decidedAt: null,
    expiresAt: null,
    version: 1,
  };
}
