// One attempt at a batch: reads the arrival floor and the pending entries, decides them, and writes the decisions with
// the stock that they draw.
import type { OrderStatus } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import { applyReturns, type Returned } from "@onsale/database/statements/allocation/apply-returns";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { readCounters, type StockCounter } from "@onsale/database/statements/allocation/read-counters";
import { type PendingEntry, readPending } from "@onsale/database/statements/allocation/read-pending";
import { type StockChange, writeDecisions } from "@onsale/database/statements/allocation/write-decisions";
import { writeLatePayments } from "@onsale/database/statements/allocation/write-late-payments";
import { readArrivalFloor } from "@onsale/database/statements/orders/arrival-floor";
import { bucketOf } from "@onsale/domain/bucket";
import { type Counter, countTickets, type Decision, decide as decideByCounters } from "@onsale/domain/decide";

/** An entry with its decision. */
export type DecidedEntry = PendingEntry & Readonly<{ decision: Decision; status: OrderStatus; ticketCount: number }>;

/** The result of one attempt at a batch. */
export type BatchResult = Readonly<
  {
    /** Buckets that may have more entries to decide. */
    bucketsWithMore: ReadonlySet<number>;
  } & (
    | { kind: "nothing-pending" }
    /** Entries are pending, but an earlier one may not be committed yet; or another worker has decided all of them. */
    | { kind: "none-decided" }
    | { kind: "decided"; entries: readonly DecidedEntry[]; decidedAtMs: number }
  )
>;

const noBuckets: ReadonlySet<number> = new Set();
/** Rounds of returns before a batch with late payments; the next batch goes on with further ones. */
const returnRoundsMax = 5;

/** How the entries of an event are decided: by its counters, or a rejection of one that cannot be processed. */
export type Decide = (counters: ReadonlyMap<string, Counter>, entries: readonly PendingEntry[]) => readonly Decision[];

export type BatchOptions = Readonly<{
  buckets: readonly number[];
  /** Entries at most. */
  countMax: number;
  decide?: Decide;
  /** Called with the entries of the batch before they are decided. */
  onEntries?: (entries: readonly PendingEntry[]) => void;
  /** Called when tickets were put on sale before late payments are decided. */
  onReturned?: (returned: Returned) => void;
}>;

/** `decide` threw: a fault in our code that these entries bring out. */
export class UndecidableError extends Error {
  constructor(cause: unknown) {
    super("the entries of a batch could not be decided", { cause });
    this.name = "UndecidableError";
  }
}

/**
 * Decides the first pending entries of some buckets, in the order of their numbers.
 *
 * @throws an error that `classify` calls `stock-changed` when another worker was faster; nothing was written then
 */
export async function decideBatch(db: Db, options: BatchOptions): Promise<BatchResult> {
  const { buckets, countMax, decide = decideByCounters, onEntries, onReturned } = options;
  const floor = await readArrivalFloor(db);
  const pending = await readWithReturns(db, buckets, countMax, onReturned);
  if (pending.length === 0) return { kind: "nothing-pending", bucketsWithMore: noBuckets };
  const { entries, later } = divide(pending, floor);
  // After a full batch any of the buckets may have more.
  const isFull = pending.length >= countMax;
  const bucketsWithMore = new Set(isFull ? buckets : later.map(({ eventId }) => bucketOf(eventId)));
  if (entries.length === 0) return { kind: "none-decided", bucketsWithMore };

  const decideAndWrite = async (connection: Db, current: readonly PendingEntry[]) => {
    onEntries?.(current);
    const counters = await readCounters(connection, typesOf(current));
    return write(connection, decideEvents(current, counters, decide), bucketsWithMore);
  };
  const isPlain = entries.every(({ strategy, paymentId }) => strategy === "optimistic" && paymentId === null);
  if (isPlain) return decideAndWrite(db, entries);
  return db.transaction().execute(async (tx): Promise<BatchResult> => {
    await lockStock(tx, typesOf(entries));
    // Another worker may have decided some of them before this one had the lock.
    const chosen = new Set(entries.map(({ seq }) => seq));
    const stillPending = (await readPending(tx, buckets, countMax)).filter(({ seq }) => chosen.has(seq));
    if (stillPending.length === 0) return { kind: "none-decided", bucketsWithMore: new Set(buckets) };
    return decideAndWrite(tx, stillPending);
  });
}

/**
 * Reads the pending entries. Before late payments are decided, all tickets are put on sale that came back earlier;
 * those of the payment's own order are among them when its hold has ended only now, however many others there are.
 */
async function readWithReturns(
  db: Db,
  buckets: readonly number[],
  countMax: number,
  onReturned: BatchOptions["onReturned"],
): Promise<PendingEntry[]> {
  const pending = await readPending(db, buckets, countMax);
  if (pending.every(({ paymentId }) => paymentId === null)) return pending;
  const firstIds = pending.filter(({ isReady }) => !isReady).map(({ id }) => id);
  for (let round = 0; round < returnRoundsMax; round++) {
    const returned = await applyReturns(db, buckets, firstIds);
    onReturned?.(returned);
    if (!returned.hasMore) break;
  }
  return readPending(db, buckets, countMax);
}

/** What can be decided now: up to the floor, and in each bucket before a late payment whose tickets are not back. */
function divide(pending: readonly PendingEntry[], floor: number) {
  const firstAbove = pending.findIndex(({ seq }) => seq > floor);
  const below = firstAbove < 0 ? pending : pending.slice(0, firstAbove);
  const waiting = below.filter(({ isReady }) => !isReady);
  if (waiting.length === 0) return { entries: below, later: pending.slice(below.length) };
  const firstByBucket = new Map(waiting.toReversed().map(({ eventId, seq }) => [bucketOf(eventId), seq]));
  const entries = below.filter(({ eventId, seq }) => seq < (firstByBucket.get(bucketOf(eventId)) ?? Infinity));
  const chosen = new Set(entries);
  return { entries, later: pending.filter((entry) => !chosen.has(entry)) };
}

type TypeRef = Readonly<{ eventId: number; ticketType: string }>;

/** The ticket types of some entries, each of them once. */
function typesOf(entries: readonly PendingEntry[]): TypeRef[] {
  const types = new Map<number, Map<string, TypeRef>>();
  for (const { eventId, lines } of entries) {
    const own = types.get(eventId) ?? new Map<string, TypeRef>();
    types.set(eventId, own);
    for (const { ticketType } of lines) if (!own.has(ticketType)) own.set(ticketType, { eventId, ticketType });
  }
  return Array.from(types.values(), (own) => [...own.values()]).flat();
}

/** What a batch does to an event; its entries by rising `seq`. */
type DecidedEvent = Readonly<{ eventId: number; entries: readonly DecidedEntry[]; stock: readonly StockAfter[] }>;
type StockAfter = StockChange & Readonly<{ left: number }>;

/** @throws UndecidableError */
function decideEvents(
  entries: readonly PendingEntry[],
  counters: readonly StockCounter[],
  decide: Decide,
): readonly DecidedEvent[] {
  const byEvent = Map.groupBy(entries, ({ eventId }) => eventId);
  const countersByEvent = Map.groupBy(counters, ({ eventId }) => eventId);
  return Array.from(byEvent, ([eventId, own]) => {
    const ownCounters = countersByEvent.get(eventId) ?? [];
    const decided = decideOrThrow(own, ownCounters, decide);
    return { eventId, entries: decided, stock: stockAfter(ownCounters, decided) };
  }).sort((a, b) => a.eventId - b.eventId);
}

function decideOrThrow(
  entries: readonly PendingEntry[],
  counters: readonly StockCounter[],
  decide: Decide,
): DecidedEntry[] {
  try {
    const decisions = decide(new Map(counters.map((counter) => [counter.ticketType, counter])), entries);
    return entries.map((entry, index) => {
      const decision = decisions[index];
      if (decision === undefined) throw new Error("an entry was left without a decision");
      const ticketCount = decision.kind === "granted" ? countTickets(decision.lines) : 0;
      return { ...entry, decision, status: statusOf(entry, decision), ticketCount };
    });
  } catch (error) {
    throw new UndecidableError(error);
  }
}

/** The order's status after a decision: a refused late payment leaves it EXPIRED. */
function statusOf({ holdSeconds, paymentId }: PendingEntry, { kind }: Decision): OrderStatus {
  if (kind === "granted") return holdSeconds === null ? "CONFIRMED" : "HELD";
  return paymentId === null ? "REJECTED" : "EXPIRED";
}

/**
 * What a batch changes in each ticket type of an event: also in those where it grants nothing, which get a new version
 * and a new position. A bad order may ask for a ticket type without stock; then there is nothing to change.
 */
function stockAfter(counters: readonly StockCounter[], entries: readonly DecidedEntry[]): StockAfter[] {
  const changes = new Map(
    counters.map(({ eventId, ticketType, version, limit, used }) => [
      ticketType,
      { eventId, ticketType, version, quantity: 0, decidedSeq: 0, left: limit - used },
    ]),
  );
  for (const { lines, decision, seq } of entries) {
    for (const { ticketType } of lines) {
      const change = changes.get(ticketType);
      if (change !== undefined) change.decidedSeq = seq;
    }
    if (decision.kind === "refused") continue;
    for (const { ticketType, quantity } of decision.lines) {
      const change = changes.get(ticketType);
      if (change === undefined) continue;
      change.quantity += quantity;
      change.left -= quantity;
    }
  }
  return [...changes.values()].sort((a, b) => (a.ticketType < b.ticketType ? -1 : 1));
}

async function write(
  db: Db,
  events: readonly DecidedEvent[],
  bucketsWithMore: ReadonlySet<number>,
): Promise<BatchResult> {
  const entries = events.flatMap((event) => event.entries);
  const orders = entries.filter(({ paymentId }) => paymentId === null);
  const lastByBucket = new Map<number, number>();
  for (const { eventId, seq } of orders) {
    const bucket = bucketOf(eventId);
    lastByBucket.set(bucket, Math.max(seq, lastByBucket.get(bucket) ?? 0));
  }
  const decidedAtMs = await writeDecisions(db, {
    stock: events.flatMap((event) => event.stock),
    orders: orders.map(toOrderDecision),
    buckets: Array.from(lastByBucket, ([bucket, seq]) => ({ bucket, seq })),
    events: events.map((event) => ({
      eventId: event.eventId,
      seq: event.entries.at(-1)?.seq ?? 0,
      count: event.entries.length,
      soldOut: event.stock.filter(({ left }) => left === 0).map(({ ticketType }) => ticketType),
    })),
  });
  if (orders.length < entries.length) await writeLatePayments(db, entries.flatMap(toPaymentDecision));
  return { kind: "decided", entries, decidedAtMs: decidedAtMs ?? Date.now(), bucketsWithMore };
}

function toOrderDecision({ id, ctid, seq, eventId, holdSeconds, lines, decision, status }: DecidedEntry) {
  if (status !== "HELD" && status !== "CONFIRMED" && status !== "REJECTED") {
    throw new Error(`a first decision cannot make an order ${status}`);
  }
  const granted = decision.kind === "granted" ? decision.lines : [];
  return {
    id,
    ctid,
    seq,
    eventId,
    status,
    reason: decision.kind === "refused" ? decision.reason : null,
    holdSeconds: status === "HELD" ? holdSeconds : null,
    granted,
    isBasket: lines.length > 1,
    isPartial: decision.kind === "granted" && granted.length < lines.length,
    shortages: decision.shortages,
  } as const;
}

function toPaymentDecision({ id, eventId, seq, lines, paymentId, decision }: DecidedEntry) {
  if (paymentId === null) return [];
  const hasFailed = decision.kind === "refused" && decision.reason === "internal-error";
  return [{ paymentId, orderId: id, eventId, seq, isGranted: decision.kind === "granted", hasFailed, lines }];
}
