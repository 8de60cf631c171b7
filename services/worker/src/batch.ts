// One batch: a run of consecutive pending orders of one event with one strategy, decided in one transaction.
import type { Strategy } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import { lockStock } from "@onsale/database/statements/lock-stock";
import { peekPending, type Stock } from "@onsale/database/statements/peek-pending";
import { type PendingOrder, readPending } from "@onsale/database/statements/read-pending";
import { type OrderDecision, type StockChange, writeDecisions } from "@onsale/database/statements/write-decisions";
import { allocate, type Decision } from "@onsale/domain/allocate";

export type DecidedOrder = PendingOrder & Decision;

/** What became of one attempt at a batch. */
export type BatchResult = Readonly<
  /** Orders are pending, but earlier ones may still be on their way; soon they will not be. */
  | { kind: "nothing-pending" | "not-arrived" }
  | { kind: "decided"; orders: readonly DecidedOrder[]; decidedAtMs: number }
>;

/** How a batch's orders are decided: `allocate`, or rejection of what cannot be processed. */
export type Decide = (available: ReadonlyMap<string, number>, orders: readonly PendingOrder[]) => readonly Decision[];

/** Deciding itself failed: a fault of ours that these very orders bring out. */
export class UndecidableError extends Error {
  constructor(cause: unknown) {
    super("the orders of a batch could not be decided", { cause });
    this.name = "UndecidableError";
  }
}

/**
 * Decides the first pending orders of an event, in arrival order.
 *
 * @param countMax orders at most
 * @throws an error that `classify` calls `stock-changed` when another worker was faster; nothing was written then
 */
export async function decideBatch(
  db: Db,
  eventId: number,
  countMax: number,
  decide: Decide = allocate,
): Promise<BatchResult> {
  const { floor, strategy, stock } = await peekPending(db, eventId);
  if (strategy === null) return { kind: "nothing-pending" };

  const readDecideWrite = async (connection: Db, currentStock: readonly Stock[]): Promise<BatchResult> => {
    const orders = leadingRun(await readPending(connection, eventId, floor, countMax), strategy);
    if (orders.length === 0) return { kind: "not-arrived" };
    return write(connection, eventId, currentStock, orders, decide);
  };
  if (strategy === "optimistic") return readDecideWrite(db, stock);
  return db.transaction().execute(async (tx) => readDecideWrite(tx, await lockStock(tx, eventId)));
}

function leadingRun(orders: readonly PendingOrder[], strategy: Strategy): readonly PendingOrder[] {
  const end = orders.findIndex((order) => order.strategy !== strategy);
  return end === -1 ? orders : orders.slice(0, end);
}

async function write(
  db: Db,
  eventId: number,
  stock: readonly Stock[],
  orders: readonly PendingOrder[],
  decide: Decide,
): Promise<BatchResult> {
  const decisions = decideOrThrow(decide, stock, orders);
  const decided = orders.map((order, index): DecidedOrder => {
    const decision = decisions[index];
    if (decision === undefined) throw new Error("an order was left without a decision");
    return { ...order, ...decision };
  });
  const lastSeq = decided.at(-1)?.seq ?? 0;
  const decidedAtMs = await writeDecisions(
    db,
    eventId,
    sumUp(stock, decided),
    decided satisfies OrderDecision[],
    lastSeq,
  );
  return { kind: "decided", orders: decided, decidedAtMs };
}

function decideOrThrow(decide: Decide, stock: readonly Stock[], orders: readonly PendingOrder[]): readonly Decision[] {
  try {
    return decide(new Map(stock.map(({ ticketType, available }) => [ticketType, available])), orders);
  } catch (error) {
    throw new UndecidableError(error);
  }
}

/** What the batch changes in each ticket type that it concerns. */
function sumUp(stock: readonly Stock[], decided: readonly DecidedOrder[]): StockChange[] {
  const byType = Map.groupBy(decided, (order) => order.ticketType);
  return stock.flatMap(({ ticketType, version }) => {
    const orders = byType.get(ticketType);
    if (orders === undefined) return [];
    const confirmed = orders.filter((order) => order.status === "CONFIRMED");
    const quantity = confirmed.reduce((sum, order) => sum + order.quantity, 0);
    return [{ ticketType, version, quantity, decidedSeq: orders.at(-1)?.seq ?? 0 }];
  });
}
