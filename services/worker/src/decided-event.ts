// Decides the entries of a batch event by event, and sums up what the decisions change in each counter; pure.
import type { OrderStatus } from "@onsale/contracts/order";
import type { StockCounter } from "@onsale/database/statements/allocation/read-counters";
import type { PendingEntry } from "@onsale/database/statements/allocation/read-pending";
import type { StockChange } from "@onsale/database/statements/allocation/write-decisions";
import { type Counter, countTickets, type Decision, decide, drawsOf } from "@onsale/domain/decide";
import { lineCounters, noRules, type Rules } from "@onsale/domain/rules";

/** An entry with its decision. */
export type DecidedEntry = PendingEntry & Readonly<{ decision: Decision; status: OrderStatus; ticketCount: number }>;

/** What a batch does to an event; its entries by rising `seq`. */
export type DecidedEvent = Readonly<{
  eventId: number;
  entries: readonly DecidedEntry[];
  stock: readonly StockAfter[];
  /** What is used of each limit and code that the batch draws on, by name. */
  usedAfter: ReadonlyMap<string, number>;
  isRuled: boolean;
}>;
export type StockAfter = StockChange & Readonly<{ left: number }>;

/** The counters and rules of an event. */
export type EventCounters = Readonly<{
  /** Of ticket types and pools. */
  stock: readonly StockCounter[];
  /** Of customers and access codes. */
  limits: ReadonlyMap<string, Counter>;
  rules: Rules;
}>;

/** How the entries of an event are decided: by its counters, or a rejection of one that cannot be processed. */
export type Decide = (
  counters: ReadonlyMap<string, Counter>,
  entries: readonly PendingEntry[],
  rules: Rules,
) => readonly Decision[];

export const decideByCounters: Decide = decide;

/** `decide` threw: a fault in our code that these entries bring out. */
export class UndecidableError extends Error {
  constructor(cause: unknown) {
    super("the entries of a batch could not be decided", { cause });
    this.name = "UndecidableError";
  }
}

const noCounters: EventCounters = { stock: [], limits: new Map(), rules: noRules };

/**
 * @param counters by event
 * @throws UndecidableError
 */
export function decideEvents(
  entries: readonly PendingEntry[],
  counters: ReadonlyMap<number, EventCounters>,
  decide: Decide,
): readonly DecidedEvent[] {
  const byEvent = Map.groupBy(entries, ({ eventId }) => eventId);
  return Array.from(byEvent, ([eventId, own]) => {
    const ownCounters = counters.get(eventId) ?? noCounters;
    const decided = decideOrThrow(own, ownCounters, decide);
    return {
      eventId,
      entries: decided,
      stock: stockAfter(ownCounters, decided),
      usedAfter: usedAfter(ownCounters, decided),
      isRuled: ownCounters.rules !== noRules,
    };
  }).sort((a, b) => a.eventId - b.eventId);
}

function decideOrThrow(
  entries: readonly PendingEntry[],
  { stock, limits, rules }: EventCounters,
  decide: Decide,
): DecidedEntry[] {
  try {
    const counters = new Map<string, Counter>(limits);
    for (const counter of stock) counters.set(counter.ticketType, counter);
    const decisions = decide(counters, entries, rules);
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
  if (kind === "waiting") return "WAITING";
  if (kind === "granted") return holdSeconds === null ? "CONFIRMED" : "HELD";
  return paymentId === null ? "REJECTED" : "EXPIRED";
}

/**
 * What a batch changes in each ticket type and pool of an event: also in those where it grants nothing, which get a new
 * version and a new position. A bad order may ask for a ticket type without stock; then there is nothing to change.
 */
function stockAfter({ stock, rules }: EventCounters, entries: readonly DecidedEntry[]): StockAfter[] {
  const changes = new Map(
    stock.map(({ eventId, ticketType, version, limit, used }) => [
      ticketType,
      { eventId, ticketType, version, quantity: 0, waiting: 0, decidedSeq: 0, left: limit - used },
    ]),
  );
  for (const { lines, decision, seq } of entries) {
    for (const line of lines) {
      const isGranted = decision.kind === "granted" && decision.lines.includes(line);
      const quantity = isGranted ? line.quantity : 0;
      for (const name of lineCounters(rules, null, line).stock) {
        const change = changes.get(name);
        if (change === undefined) continue;
        change.decidedSeq = seq;
        change.quantity += quantity;
        change.left -= quantity;
        if (decision.kind === "waiting") change.waiting += 1;
      }
    }
  }
  return [...changes.values()];
}

function usedAfter({ limits, rules }: EventCounters, entries: readonly DecidedEntry[]): Map<string, number> {
  const used = new Map<string, number>();
  if (limits.size === 0) return used;
  for (const entry of entries) {
    for (const { counter, quantity } of drawsOf(rules, entry, entry.decision)) {
      const limit = limits.get(counter);
      if (limit !== undefined) used.set(counter, (used.get(counter) ?? limit.used) + quantity);
    }
  }
  return used;
}
