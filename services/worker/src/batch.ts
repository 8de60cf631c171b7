// One attempt at a batch: reads the arrival floor and the pending entries, decides them, and writes the decisions with
// the stock that they draw.
import type { Db } from "@onsale/database/client";
import type { Returned } from "@onsale/database/statements/allocation/apply-returns";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { readCounters } from "@onsale/database/statements/allocation/read-counters";
import { type PendingEntry, readPending } from "@onsale/database/statements/allocation/read-pending";
import { readArrivalFloor } from "@onsale/database/statements/orders/arrival-floor";
import { bucketOf } from "@onsale/domain/bucket";
import { eventPool } from "@onsale/domain/rules";
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { HashCustomer } from "@onsale/security/customer-hash";
import { applyDue, type ReturnHooks } from "./apply-due.ts";
import { type Decide, type DecidedEntry, decideByCounters, decideEvents } from "./decided-event.ts";
import { type BatchCounters, poolsOf, readEventCounters, typesOf } from "./event-counters.ts";
import { makeOffers, type Passes } from "./offers.ts";
import { writeBatch } from "./write-batch.ts";

/** The result of one attempt at a batch. */
export type BatchResult = Readonly<
  {
    /** Buckets that may have more entries to decide. */
    bucketsWithMore: ReadonlySet<number>;
  } & (
    | { kind: "nothing-pending" }
    /** Entries are pending, but an earlier one may not be committed yet; or another worker has decided all of them. */
    | { kind: "none-decided" }
    /** What had come back was offered first: so many orders that waited have tickets now. */
    | { kind: "offered"; offeredCount: number }
    | { kind: "decided"; entries: readonly DecidedEntry[]; decidedAtMs: number }
  )
>;

const noBuckets: ReadonlySet<number> = new Set();
/** Rounds of returns before a batch with late payments; the next batch goes on with further ones. */
const returnRoundsMax = 5;

export type BatchOptions = Readonly<{
  buckets: readonly number[];
  /** Entries at most. */
  countMax: number;
  decide?: Decide;
  /** Called with the entries of the batch before they are decided. */
  onEntries?: (entries: readonly PendingEntry[]) => void;
  /** Undefined without CUSTOMER_KEY: then orders of events with limits per customer cannot be decided. */
  hashCustomer?: HashCustomer | undefined;
  /** Called when tickets were put on sale before late payments are decided. */
  onReturned?: (returned: Returned) => void;
  /** Called for an event whose tickets cannot be put on sale. */
  onReturnsFailed?: (eventId: number, error: unknown) => void;
  /** Where the last batches got to in waiting lists; without it, each begins at the front. */
  passes?: Passes;
}>;

/**
 * Decides the first pending entries of some buckets, in the order of their numbers.
 *
 * @throws an error that `classify` calls `stock-changed` when another worker was faster; nothing was written then
 */
export async function decideBatch(db: Db, options: BatchOptions): Promise<BatchResult> {
  const { buckets, countMax, decide = decideByCounters, onEntries, hashCustomer } = options;
  const floor = await readArrivalFloor(db);
  const pending = await readWithReturns(db, buckets, countMax, options);
  if (pending.length === 0) return { kind: "nothing-pending", bucketsWithMore: noBuckets };
  const { entries, later } = divide(pending, floor);
  // After a full batch any of the buckets may have more.
  const isFull = pending.length >= countMax;
  const bucketsWithMore = new Set(isFull ? buckets : later.map(({ eventId }) => bucketOf(eventId)));
  if (entries.length === 0) return { kind: "none-decided", bucketsWithMore };

  const decideAndWrite = async (connection: Db, current: readonly PendingEntry[]) => {
    onEntries?.(current);
    crashAt("decision.read");
    const counters = await readEventCounters(connection, current, hashCustomer);
    const offeredCount = await offerFirst(connection, counters, options.passes);
    if (offeredCount !== null) return { kind: "offered", offeredCount, bucketsWithMore: new Set(buckets) } as const;
    const decided = decideEvents(counters.entries, counters.byEvent, decide);
    crashAt("decision.before-write");
    const decidedAtMs = await writeBatch(connection, decided, counters);
    return {
      kind: "decided",
      entries: decided.flatMap((event) => event.entries),
      decidedAtMs,
      bucketsWithMore,
    } as const;
  };
  const isPlain = entries.every(({ strategy, paymentId }) => strategy === "optimistic" && paymentId === null);
  if (isPlain) return decideAndWrite(db, entries);
  return db.transaction().execute(async (tx): Promise<BatchResult> => {
    await lockStock(tx, await stockOf(tx, entries));
    // Another worker may have decided some of them before this one had the lock.
    const chosen = new Set(entries.map(({ seq }) => seq));
    const stillPending = (await readPending(tx, buckets, countMax)).filter(({ seq }) => chosen.has(seq));
    if (stillPending.length === 0) return { kind: "none-decided", bucketsWithMore: new Set(buckets) };
    const result = await decideAndWrite(tx, stillPending);
    crashAt("decision.before-commit");
    return result;
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
  hooks: ReturnHooks,
): Promise<PendingEntry[]> {
  const pending = await readPending(db, buckets, countMax);
  if (pending.every(({ paymentId }) => paymentId === null)) return pending;
  const firstIds = pending.filter(({ isReady }) => !isReady).map(({ id }) => id);
  for (let round = 0; round < returnRoundsMax; round++) {
    if (!(await applyDue(db, buckets, hooks, firstIds))) break;
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

/** The ticket types and pools of some entries. */
async function stockOf(db: Db, entries: readonly PendingEntry[]) {
  const types = typesOf(entries);
  return [...types, ...poolsOf(await readCounters(db, types))];
}

/**
 * Offers what came back to orders that wait, before an order that came later is decided.
 *
 * @returns the orders that got an offer; null when nothing had to be offered
 */
async function offerFirst(db: Db, { byEvent }: BatchCounters, passes?: Passes): Promise<number | null> {
  let offeredCount: number | null = null;
  for (const [eventId, { stock }] of byEvent) {
    const event = stock.find(({ ticketType }) => ticketType === eventPool);
    if (event === undefined || event.isCancelled || event.offerDueSinceUs === null || event.waiting === 0) continue;
    const count = await makeOffers(db, eventId, passes);
    if (count !== null) offeredCount = (offeredCount ?? 0) + count;
  }
  return offeredCount;
}
