// One batch: the first pending orders of each of some buckets, decided in one transaction. When one of them asks for
// `pessimistic`, the stock is locked first, for all of them: on locked stock an optimistic order gets the decision that
// it would get anyway, and if a batch ended where the strategy changes, a few buyers could make all batches tiny.
import type { Db } from "@onsale/database/client";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { type PendingOrder, readPending } from "@onsale/database/statements/allocation/read-pending";
import { type StockChange, writeDecisions } from "@onsale/database/statements/allocation/write-decisions";
import { readArrivalFloor } from "@onsale/database/statements/orders/arrival-floor";
import { allocate, type Decision } from "@onsale/domain/allocate";
import { bucketOf } from "@onsale/domain/bucket";

/** An order with its first decision. `allocate` makes only decisions that are also final (order-status.ts). */
export type DecidedOrder = PendingOrder & Decision;

/** The result of one attempt at a batch. */
export type BatchResult = Readonly<
  {
    /** Buckets that may have more orders to decide. */
    bucketsWithMore: ReadonlySet<number>;
  } & (
    | { kind: "nothing-pending" }
    /** Orders are pending, but an earlier one may not be committed yet; or another worker has decided all of them. */
    | { kind: "none-decided" }
    | { kind: "decided"; orders: readonly DecidedOrder[]; decidedAtMs: number }
  )
>;

const noBuckets: ReadonlySet<number> = new Set();

/** How the orders of an event are decided: `allocate`, or the rejection of an order that cannot be processed. */
export type Decide = (available: ReadonlyMap<string, number>, orders: readonly PendingOrder[]) => readonly Decision[];

export type BatchOptions = Readonly<{
  buckets: readonly number[];
  /** Orders at most. */
  countMax: number;
  decide?: Decide;
  /** Called with the orders of the batch before they are decided. */
  onOrders?: (orders: readonly PendingOrder[]) => void;
}>;

/** `decide` threw: a fault in our code that these orders bring out. */
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
  if (pending.length === 0) return { kind: "nothing-pending", bucketsWithMore: noBuckets };
  const orders = pending.filter(({ seq }) => seq <= floor);
  const aboveFloor = pending.slice(orders.length);
  // After a full batch any of the buckets may have more.
  const isFull = pending.length >= countMax;
  const bucketsWithMore = new Set(isFull ? buckets : aboveFloor.map(({ eventId }) => bucketOf(eventId)));
  if (orders.length === 0) return { kind: "none-decided", bucketsWithMore };

  const decideAndWrite = (connection: Db, current: readonly PendingOrder[]) => {
    onOrders?.(current);
    return write(connection, decideEvents(current, decide), bucketsWithMore);
  };
  if (orders.every(({ strategy }) => strategy === "optimistic")) return decideAndWrite(db, orders);
  return db.transaction().execute(async (tx): Promise<BatchResult> => {
    await lockStock(tx, typesOf(orders));
    // Another worker may have decided some of them before this one had the lock.
    const chosen = new Set(orders.map(({ seq }) => seq));
    const stillPending = (await readPending(tx, buckets, countMax)).filter(({ seq }) => chosen.has(seq));
    if (stillPending.length === 0) return { kind: "none-decided", bucketsWithMore: new Set(buckets) };
    return decideAndWrite(tx, stillPending);
  });
}

/** The ticket types of some orders, each of them once. */
function typesOf(orders: readonly PendingOrder[]): PendingOrder[] {
  return [...new Map(orders.map((order) => [`${order.eventId} ${order.ticketType}`, order])).values()];
}

/** What a batch does to an event; its orders by rising `seq`. */
type DecidedEvent = Readonly<{ eventId: number; orders: readonly DecidedOrder[]; stock: readonly StockAfter[] }>;
type StockAfter = StockChange & Readonly<{ left: number }>;

/** @throws UndecidableError */
function decideEvents(orders: readonly PendingOrder[], decide: Decide): readonly DecidedEvent[] {
  const byEvent = Map.groupBy(orders, ({ eventId }) => eventId);
  return Array.from(byEvent, ([eventId, own]) => {
    const decided = decideOrThrow(own, decide);
    return { eventId, orders: decided, stock: stockAfter(eventId, decided) };
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

/**
 * What a batch changes in each ticket type of an event. Of the decisions that `allocate` makes only CONFIRMED draws
 * tickets. A bad order may ask for a ticket type without stock; then there is nothing to change.
 */
function stockAfter(eventId: number, orders: readonly DecidedOrder[]): StockAfter[] {
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

async function write(
  db: Db,
  events: readonly DecidedEvent[],
  bucketsWithMore: ReadonlySet<number>,
): Promise<BatchResult> {
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
  return { kind: "decided", orders, decidedAtMs, bucketsWithMore };
}
