// One batch: the first pending orders of each of some buckets, decided in one transaction. When one of them wants it
// pessimistic, the stock is locked first, for all of them: who decides on locked stock decides as an optimist would, and a
// batch that ended where the strategy changes would let a few buyers make everybody's batches tiny.
import type { Db } from "@onsale/database/client";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { type PendingOrder, readPending } from "@onsale/database/statements/allocation/read-pending";
import { type StockChange, writeDecisions } from "@onsale/database/statements/allocation/write-decisions";
import { readArrivalFloor } from "@onsale/database/statements/orders/arrival-floor";
import { allocate, type Decision } from "@onsale/domain/allocate";
import { bucketOf } from "@onsale/domain/bucket";

export type DecidedOrder = PendingOrder & Decision;

/** What became of one attempt at a batch. */
export type BatchResult = Readonly<
  { waiting: Waiting } & (
    | { kind: "nothing-pending" }
    /** Orders are pending, but earlier ones may still be on their way; soon they will not be. */
    | { kind: "not-arrived" }
    | { kind: "decided"; orders: readonly DecidedOrder[]; decidedAtMs: number }
  )
>;

/** Buckets that are known to have more orders to decide. */
type Waiting = ReadonlySet<number>;

const nobody: Waiting = new Set();

/** How the orders of an event are decided: `allocate`, or rejection of what cannot be processed. */
export type Decide = (available: ReadonlyMap<string, number>, orders: readonly PendingOrder[]) => readonly Decision[];

export type BatchOptions = Readonly<{
  buckets: readonly number[];
  /** Orders at most. */
  countMax: number;
  decide?: Decide;
  /** Told what the batch consists of, before it is decided. */
  onOrders?: (orders: readonly PendingOrder[]) => void;
}>;

/** Deciding itself failed: a fault of ours that these very orders bring out. */
export class UndecidableError extends Error {
  constructor(cause: unknown) {
    super("the orders of a batch could not be decided", { cause });
    this.name = "UndecidableError";
  }
}

/**
 * Decides the first pending orders of some buckets, in arrival order.
 *
 * @throws an error that `classify` calls `stock-changed` when another worker was faster; nothing was written then
 */
export async function decideBatch(db: Db, options: BatchOptions): Promise<BatchResult> {
  const { buckets, countMax, decide = allocate, onOrders } = options;
  const floor = await readArrivalFloor(db);
  const pending = await readPending(db, buckets, countMax);
  if (pending.length === 0) return { kind: "nothing-pending", waiting: nobody };
  const orders = pending.filter(({ seq }) => seq <= floor);
  // Of a full batch nobody knows what comes after it.
  const isFull = pending.length >= countMax;
  const waiting = new Set(isFull ? buckets : pending.slice(orders.length).map(({ eventId }) => bucketOf(eventId)));
  if (orders.length === 0) return { kind: "not-arrived", waiting };

  const decideAndWrite = (connection: Db, current: readonly PendingOrder[]) => {
    onOrders?.(current);
    return write(connection, decideEvents(current, decide), waiting);
  };
  if (orders.every(({ strategy }) => strategy === "optimistic")) return decideAndWrite(db, orders);
  return db.transaction().execute(async (tx): Promise<BatchResult> => {
    await lockStock(tx, [...new Set(orders.map(({ eventId }) => eventId))]);
    // Another worker may have decided some of them before the stock was free.
    const chosen = new Set(orders.map(({ seq }) => seq));
    const left = (await readPending(tx, buckets, countMax)).filter(({ seq }) => chosen.has(seq));
    return left.length === 0 ? { kind: "not-arrived", waiting: new Set(buckets) } : decideAndWrite(tx, left);
  });
}

/** What a batch does to an event; orders by rising `seq`. */
type DecidedEvent = Readonly<{ eventId: number; orders: readonly DecidedOrder[]; stock: readonly StockAfter[] }>;
type StockAfter = StockChange & Readonly<{ left: number }>;

/** @throws UndecidableError */
function decideEvents(orders: readonly PendingOrder[], decide: Decide): readonly DecidedEvent[] {
  const byEvent = Map.groupBy(orders, ({ eventId }) => eventId);
  return Array.from(byEvent, ([eventId, own]) => {
    const decided = decideOrThrow(own, decide);
    return { eventId, orders: decided, stock: sumUp(eventId, decided) };
  }).sort((a, b) => a.eventId - b.eventId);
}

function decideOrThrow(orders: readonly PendingOrder[], decide: Decide): DecidedOrder[] {
  try {
    const available = new Map<string, number>();
    for (const order of orders) if (order.available !== null) available.set(order.ticketType, order.available);
    const decisions = decide(available, orders);
    return orders.map((order, index) => {
      const decision = decisions[index];
      if (decision === undefined) throw new Error("an order was left without a decision");
      return { ...order, ...decision };
    });
  } catch (error) {
    throw new UndecidableError(error);
  }
}

/** What a batch changes in each ticket type of an event. Poison orders may ask for one that does not exist. */
function sumUp(eventId: number, orders: readonly DecidedOrder[]): StockAfter[] {
  const byType = Map.groupBy(orders, ({ ticketType }) => ticketType);
  return Array.from(byType, ([ticketType, own]) => {
    const { available, stockVersion } = own[0] ?? {};
    if (available == null || stockVersion == null) return [];
    let quantity = 0;
    for (const order of own) if (order.status === "CONFIRMED") quantity += order.quantity;
    const decidedSeq = own.at(-1)?.seq ?? 0;
    return [{ eventId, ticketType, version: stockVersion, quantity, decidedSeq, left: available - quantity }];
  })
    .flat()
    .sort((a, b) => (a.ticketType < b.ticketType ? -1 : 1));
}

async function write(db: Db, events: readonly DecidedEvent[], waiting: Waiting): Promise<BatchResult> {
  const orders = events.flatMap((event) => event.orders);
  const lastByBucket = new Map<number, number>();
  for (const { eventId, seq } of orders) {
    const bucket = bucketOf(eventId);
    lastByBucket.set(bucket, Math.max(seq, lastByBucket.get(bucket) ?? 0));
  }
  const decidedAtMs = await writeDecisions(db, {
    stock: events.flatMap((event) => event.stock),
    orders,
    buckets: Array.from(lastByBucket, ([bucket, seq]) => ({ bucket, seq })),
    events: events.map((event) => ({
      eventId: event.eventId,
      seq: event.orders.at(-1)?.seq ?? 0,
      count: event.orders.length,
      soldOut: event.stock.filter(({ left }) => left === 0).map(({ ticketType }) => ticketType),
    })),
  });
  return { kind: "decided", orders, decidedAtMs, waiting };
}
