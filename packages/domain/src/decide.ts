// Decides entries of the lane against counters, in their order; pure. Stock, pools, limits per customer and the uses of
// access codes are all counters, so they are one rule: an entry is granted when every counter has room.
import { strict as assert } from "node:assert";
import type { RejectionReason } from "@onsale/contracts/order";
import { codeCounter, eventPool, type LineCounters, lineCounters, noRules, type Rules } from "./rules.ts";

/** Something bounded that orders draw on, such as the stock of a ticket type; `isCancelled` tells of its event. */
export type Counter = Readonly<{ limit: number; used: number; isCancelled?: boolean }>;

/** Tickets of one type; an entry has at most one line for each type. */
export type Line = Readonly<{ ticketType: string; quantity: number }>;

/** What the lane decides: a purchase, or a payment that came after its hold had expired. */
export type Entry = Readonly<{
  lines: readonly Line[];
  /** Grants each line whole or not at all, instead of all lines or none. */
  allowPartial: boolean;
  /** Waits when stock or a pool is short, instead of being refused. */
  waits?: boolean;
  /** The keyed hash of the customer's reference. */
  customer?: string | null;
  /** The access code that it uses. */
  codeId?: number | null;
}>;

/** A line that was not granted, and the counter that had too little left for it. */
export type Shortage = Readonly<{ ticketType: string; requested: number; available: number; counter: string }>;

/** `lines` are those that were granted: all of them, unless the entry allows a part. */
export type Decision = Readonly<
  | { kind: "granted"; lines: readonly Line[]; shortages: readonly Shortage[] }
  | { kind: "waiting"; shortages: readonly Shortage[] }
  | { kind: "refused"; reason: RejectionReason; shortages: readonly Shortage[] }
>;

const none: readonly never[] = Object.freeze([]);

/** The decision about an order that cannot be processed. */
export const failed: Decision = Object.freeze({ kind: "refused", reason: "internal-error", shortages: none });

/** The decision about every entry of a cancelled event. */
const eventCancelled: Decision = Object.freeze({ kind: "refused", reason: "event-cancelled", shortages: none });

/** How much of each counter is left; of the counters in `waitedFor`, earlier orders wait for what comes. */
type State = Readonly<{
  counters: ReadonlyMap<string, Counter>;
  left: Map<string, number>;
  waitedFor: Set<string>;
  rules: Rules;
}>;

/**
 * Decides entries one after the other, first come first served: an entry that asks for more than is left is refused,
 * and the next one may still be granted. All of them are refused once their event is cancelled.
 *
 * @param counters by name (rules.ts); they are not changed
 * @returns one decision per entry, in the same order
 * @throws AssertionError when a line has a ticket type without a counter, or a quantity below 1; the gateway refuses
 *   both
 */
export function decide(
  counters: ReadonlyMap<string, Counter>,
  entries: readonly Entry[],
  rules: Rules = noRules,
): Decision[] {
  if (isEventCancelled(counters)) return entries.map(() => eventCancelled);
  const state = { counters, left: leftOf(counters), waitedFor: new Set(rules.waitedFor), rules };
  return entries.map((entry) => decideEntry(state, entry));
}

export type Offering = Readonly<{
  /** Whether an order gets its tickets; to be called for one after the other, the first in line first. */
  offer: (order: Pick<Entry, "lines">) => boolean;
  /** The most tickets of a type that an order can get now. */
  roomFor: (ticketType: string) => number;
  /** Whether orders of that type make no difference any more: all that they wait for is kept for earlier ones. */
  isBlocked: (ticketType: string) => boolean;
  /** Goes on with what is left now, but with no more than was left before. */
  narrow: (counters: ReadonlyMap<string, Counter>) => void;
}>;

/**
 * Offers what is left to orders that wait. An order gets all its lines or none; limits and codes were drawn on when it
 * began to wait. Orders behind one that does not fit get their chance, unless the waiting list is strict: then nobody
 * passes an order that waits for the same counters.
 */
export function createOffering(counters: ReadonlyMap<string, Counter>, rules: Rules): Offering {
  const left = leftOf(counters);
  const blocked = new Set<string>();
  const countersOf = (ticketType: string) => lineCounters(rules, null, { ticketType }).stock;
  return {
    roomFor: (ticketType) => {
      const rooms = countersOf(ticketType).map((name) => (blocked.has(name) ? 0 : (left.get(name) ?? 0)));
      return Math.max(0, Math.min(...rooms));
    },
    isBlocked: (ticketType) => countersOf(ticketType).every((name) => name === eventPool || blocked.has(name)),
    narrow: (current) => {
      const now = leftOf(current);
      for (const [name, quantity] of left) left.set(name, Math.min(quantity, now.get(name) ?? 0));
    },
    offer: ({ lines }) => {
      const draws = lines.flatMap((line) => {
        return lineCounters(rules, null, line).stock.map((name) => ({ name, quantity: line.quantity }));
      });
      if (!draws.some(({ name }) => blocked.has(name)) && drawAll(left, draws)) return true;
      if (rules.isStrict) for (const { name } of draws) if (name !== eventPool) blocked.add(name);
      return false;
    },
  };
}

function isEventCancelled(counters: ReadonlyMap<string, Counter>): boolean {
  for (const { isCancelled } of counters.values()) if (isCancelled === true) return true;
  return false;
}

function leftOf(counters: ReadonlyMap<string, Counter>): Map<string, number> {
  const left = new Map<string, number>();
  for (const [name, { limit, used, isCancelled }] of counters) left.set(name, isCancelled === true ? 0 : limit - used);
  return left;
}

/** Draws on all counters, or on none when one of them has too little left. */
function drawAll(left: Map<string, number>, draws: readonly Readonly<{ name: string; quantity: number }>[]): boolean {
  for (const [index, { name, quantity }] of draws.entries()) {
    if ((left.get(name) ?? 0) >= quantity) {
      draw(left, [name], quantity);
      continue;
    }
    for (const drawn of draws.slice(0, index)) draw(left, [drawn.name], -drawn.quantity);
    return false;
  }
  return true;
}

/** Decides one entry and draws what it grants from what is left. */
function decideEntry(state: State, entry: Entry): Decision {
  const { left, rules } = state;
  const { lines, allowPartial, customer = null, codeId = null } = entry;
  const code = codeId === null ? null : codeCounter(codeId);
  if (code !== null && (left.get(code) ?? 0) < 1) {
    return { kind: "refused", reason: "access-code-used-up", shortages: none };
  }
  const countersOf = (line: Line) => lineCounters(rules, customer, line);
  const blocked = rules.isStrict ? lines.flatMap((line) => findWaitedFor(state, line) ?? none) : none;
  let free = lines;
  if (blocked.length > 0) free = allowPartial ? lines.filter((line) => findWaitedFor(state, line) === null) : none;
  const { drawn, shortages } = drawLines(left, free, countersOf);
  const isWhole = drawn.length === lines.length;
  if (isWhole || (allowPartial && drawn.length > 0)) {
    if (code !== null) draw(left, [code], 1);
    return {
      kind: "granted",
      lines: isWhole ? lines : drawn,
      shortages: blocked.length === 0 ? shortages : [...shortages, ...blocked],
    };
  }
  putBack(left, drawn, countersOf);
  if (blocked.length > 0) return queue(state, entry, none) ?? { ...behind };
  const reason = reasonOf(shortages);
  const mayWait = reason === "sold-out" || reason === "insufficient-stock";
  return (mayWait ? queue(state, entry, shortages) : null) ?? { kind: "refused", reason, shortages };
}

const behind = Object.freeze({ kind: "refused", reason: "waiting-list-first", shortages: none } as const);

/** What an earlier order waits for of that which a line asks for: nothing of it is left for later orders. */
function findWaitedFor({ waitedFor, rules }: State, line: Line): Shortage | null {
  const counter = lineCounters(rules, null, line).stock.find((name) => waitedFor.has(name));
  if (counter === undefined) return null;
  return { ticketType: line.ticketType, requested: line.quantity, available: 0, counter };
}

type CountersOf = (line: Line) => LineCounters;

/** Draws each line for which enough is left, one after the other, and says what the others lack. */
function drawLines(left: Map<string, number>, lines: readonly Line[], countersOf: CountersOf) {
  const drawn: Line[] = [];
  const shortages: Shortage[] = [];
  for (const line of lines) {
    const names = countersOf(line);
    const shortage = findShortage(left, names, line);
    if (shortage !== null) shortages.push(shortage);
    else {
      drawLine(left, names, line.quantity);
      drawn.push(line);
    }
  }
  return { drawn, shortages };
}

function putBack(left: Map<string, number>, drawn: readonly Line[], countersOf: CountersOf): void {
  for (const line of drawn) drawLine(left, countersOf(line), -line.quantity);
}

/**
 * Lets an entry wait, when it wants to, its customer's limits have room for it, and its tickets can come at all; null
 * when it does not want to.
 */
function queue(
  { counters, left, waitedFor, rules }: State,
  entry: Entry,
  shortages: readonly Shortage[],
): Decision | null {
  const { lines, waits = false, customer = null, codeId = null } = entry;
  if (!waits) return null;
  const stockOf = (line: Line) => ({ ...lineCounters(rules, null, line), limits: none });
  const limitsOf = (line: Line) => ({ ...lineCounters(rules, customer, line), stock: none });
  // An order for more than there is in all would wait for ever, and everybody behind it when the list is strict.
  const wanted = new Map<string, number>();
  for (const line of lines) drawLine(wanted, stockOf(line), -line.quantity);
  if ([...wanted].some(([name, quantity]) => quantity > (counters.get(name)?.limit ?? 0))) {
    const lacking = drawLines(left, lines, stockOf);
    putBack(left, lacking.drawn, stockOf);
    return { kind: "refused", reason: "insufficient-stock", shortages: lacking.shortages };
  }
  const limited = drawLines(left, lines, limitsOf);
  if (limited.shortages.length > 0) {
    putBack(left, limited.drawn, limitsOf);
    return { kind: "refused", reason: "customer-limit", shortages: limited.shortages };
  }
  if (codeId !== null) draw(left, [codeCounter(codeId)], 1);
  for (const line of lines) {
    for (const name of lineCounters(rules, null, line).stock) if (name !== eventPool) waitedFor.add(name);
  }
  return { kind: "waiting", shortages };
}

/** What a line lacks, limits before stock; null when there is enough for it. */
function findShortage(
  left: ReadonlyMap<string, number>,
  { limits, stock }: LineCounters,
  { ticketType, quantity }: Line,
): Shortage | null {
  assert(quantity >= 1, `a quantity is at least 1, not ${quantity}`);
  for (const name of limits) {
    const available = left.get(name) ?? 0;
    if (quantity > available) {
      return { ticketType, requested: quantity, available: Math.max(0, available), counter: publicName(name) };
    }
  }
  let shortage: Shortage | null = null;
  for (const name of stock) {
    const available = left.get(name);
    assert(available !== undefined, `no stock is known for ticket type ${name}`);
    if (quantity <= available || available >= (shortage?.available ?? Number.POSITIVE_INFINITY)) continue;
    shortage = { ticketType, requested: quantity, available: Math.max(0, available), counter: name };
  }
  return shortage;
}

/** The name of a customer's counter without the customer. */
function publicName(name: string): string {
  const [kind = name, , ticketType] = name.split(":");
  return ticketType === undefined ? kind : `${kind}:${ticketType}`;
}

function drawLine(left: Map<string, number>, { limits, stock }: LineCounters, quantity: number): void {
  draw(left, limits, quantity);
  draw(left, stock, quantity);
}

function draw(left: Map<string, number>, names: readonly string[], quantity: number): void {
  for (const name of names) left.set(name, (left.get(name) ?? 0) - quantity);
}

function reasonOf(shortages: readonly Shortage[]): RejectionReason {
  if (shortages.some(({ counter }) => counter.startsWith("customer"))) return "customer-limit";
  return shortages.every(({ available }) => available === 0) ? "sold-out" : "insufficient-stock";
}

/** What a counter gives; negative when it gets something back. */
export type Draw = Readonly<{ counter: string; quantity: number }>;

/** What a decision draws from each counter. An order that waits draws on limits and its code, and not on stock. */
export function drawsOf(rules: Rules, entry: Entry, decision: Decision): Draw[] {
  if (decision.kind === "refused") return [];
  const { customer = null, codeId = null } = entry;
  const draws = (decision.kind === "waiting" ? entry.lines : decision.lines).flatMap((line) => {
    const { limits, stock } = lineCounters(rules, customer, line);
    const names = decision.kind === "waiting" ? limits : [...limits, ...stock];
    return names.map((counter) => ({ counter, quantity: line.quantity }));
  });
  return codeId === null ? draws : [...draws, { counter: codeCounter(codeId), quantity: 1 }];
}

/** One line for each ticket type, in the order in which the types come first. */
export function sumLines(lines: readonly Line[]): Line[] {
  const byType = new Map<string, number>();
  for (const { ticketType, quantity } of lines) byType.set(ticketType, (byType.get(ticketType) ?? 0) + quantity);
  return Array.from(byType, ([ticketType, quantity]) => ({ ticketType, quantity }));
}

/** How many tickets there are in all lines. */
export function countTickets(lines: readonly Line[]): number {
  let count = 0;
  for (const { quantity } of lines) count += quantity;
  return count;
}
