// Writes a decided batch: one statement for plain purchases, and a transaction when late payments or rules are in it.
import type { Db } from "@onsale/database/client";
import { inTransaction } from "@onsale/database/in-transaction";
import { type StockChange, writeDecisions } from "@onsale/database/statements/allocation/write-decisions";
import { writeLatePayments } from "@onsale/database/statements/allocation/write-late-payments";
import { type RuleChanges, writeRules } from "@onsale/database/statements/allocation/write-rules";
import { bucketOf } from "@onsale/domain/bucket";
import { codeCounter, customerCounter, eventPool, lineCounters, noRules } from "@onsale/domain/rules";
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { DecidedEntry, DecidedEvent } from "./decided-event.ts";
import type { BatchCounters } from "./event-counters.ts";

/**
 * @returns when the entries were decided, in milliseconds since 1970
 * @throws an error that `classify` calls `stock-changed` when the batch is no longer as it was read
 */
export async function writeBatch(db: Db, events: readonly DecidedEvent[], counters: BatchCounters): Promise<number> {
  const entries = events.flatMap((event) => event.entries);
  const hasMore = events.some(({ isRuled }) => isRuled) || entries.some(({ paymentId }) => paymentId !== null);
  if (!hasMore) return (await writeStockAndOrders(db, events)) ?? Date.now();
  // A pessimistic batch is in a transaction already.
  const decidedAtMs = await inTransaction(db, async (tx) => {
    const atMs = await writeStockAndOrders(tx, events);
    const payments = entries.flatMap((entry) => toPaymentDecision(entry, counters));
    if (payments.length > 0) await writeLatePayments(tx, payments);
    if (events.some(({ isRuled }) => isRuled)) await writeRules(tx, ruleChanges(events, counters));
    crashAt("decision.before-commit");
    return atMs;
  });
  return decidedAtMs ?? Date.now();
}

function writeStockAndOrders(db: Db, events: readonly DecidedEvent[]): Promise<number | null> {
  const lastByBucket = new Map<number, number>();
  const orders = events.flatMap(({ entries, isRuled }) => {
    return entries.filter(({ paymentId }) => paymentId === null).map((entry) => toOrderDecision(entry, isRuled));
  });
  for (const { eventId, seq } of orders) {
    const bucket = bucketOf(eventId);
    lastByBucket.set(bucket, Math.max(seq, lastByBucket.get(bucket) ?? 0));
  }
  return writeDecisions(db, {
    stock: events.flatMap((event) => event.stock).sort(byLockOrder),
    orders,
    buckets: Array.from(lastByBucket, ([bucket, seq]) => ({ bucket, seq })),
    events: events.map((event) => ({
      eventId: event.eventId,
      seq: event.entries.at(-1)?.seq ?? 0,
      count: event.entries.length,
      soldOut: event.stock.filter(({ left }) => left === 0).map(({ ticketType }) => ticketType),
    })),
  });
}

/** The order in which all transactions lock these rows (lock-stock.ts). */
function byLockOrder(a: StockChange, b: StockChange): number {
  const isPool = Number(b.ticketType === eventPool) - Number(a.ticketType === eventPool);
  if (isPool !== 0) return isPool;
  return a.eventId - b.eventId || (a.ticketType < b.ticketType ? -1 : 1);
}

function toOrderDecision(entry: DecidedEntry, isRuled: boolean) {
  const { id, ctid, seq, eventId, holdSeconds, lines, decision, status } = entry;
  if (status !== "HELD" && status !== "CONFIRMED" && status !== "REJECTED" && status !== "WAITING") {
    throw new Error(`a first decision cannot make an order ${status}`);
  }
  const granted = decision.kind === "granted" ? decision.lines : [];
  const isStored = decision.kind === "granted" && (isRuled || granted.length < lines.length);
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
    items: isStored ? granted : null,
    shortages: decision.kind === "waiting" ? [] : decision.shortages,
  } as const;
}

function toPaymentDecision(entry: DecidedEntry, { byEvent }: BatchCounters) {
  const { id, eventId, seq, lines, paymentId, decision, customer, codeId } = entry;
  if (paymentId === null) return [];
  const rules = byEvent.get(eventId)?.rules ?? noRules;
  const used = { ...(customer === null ? {} : { customer }), ...(codeId === null ? {} : { code: codeId }) };
  const draws = lines.flatMap((line) => {
    return lineCounters(rules, null, line).stock.map((counter) => ({
      counter,
      quantity: line.quantity,
      detail: counter === eventPool ? { ticketType: line.ticketType, ...used } : null,
    }));
  });
  const hasFailed = decision.kind === "refused" && decision.reason === "internal-error";
  return [{ paymentId, orderId: id, eventId, seq, isGranted: decision.kind === "granted", hasFailed, draws }];
}

function ruleChanges(events: readonly DecidedEvent[], { customers, uses, unmarked }: BatchCounters): RuleChanges {
  const ruled = events.filter(({ isRuled }) => isRuled);
  const usedOf = (eventId: number) => ruled.find((event) => event.eventId === eventId)?.usedAfter;
  const entries = ruled.flatMap((event) => event.entries);
  const changed = uses.map(({ isNew, used, ...counter }) => {
    const { eventId, customer, ticketType } = counter;
    const after = usedOf(eventId)?.get(customerCounter(customer, ticketType));
    return { ...counter, isNew, used: after ?? used, isChanged: isNew || after !== undefined };
  });
  const codes = new Map(
    entries.flatMap(({ eventId, codeId }) => (codeId === null ? [] : [[codeId, eventId] as const])),
  );
  return {
    customers: changed.filter(({ isChanged }) => isChanged),
    unmarked,
    orders: entries.flatMap(({ id }) => {
      const own = customers.get(id);
      return own === undefined || own.isInTerms ? [] : [{ id, customer: own.customer }];
    }),
    codes: Array.from(codes, ([id, eventId]) => ({ id, used: usedOf(eventId)?.get(codeCounter(id)) })).flatMap(
      ({ id, used }) => (used === undefined ? [] : [{ id, used }]),
    ),
    waiting: entries
      .filter(({ status }) => status === "WAITING")
      .map(({ eventId, seq, id, lines }) => ({ eventId, seq, orderId: id, lines })),
  };
}
