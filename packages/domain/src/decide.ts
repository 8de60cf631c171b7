// Decides entries of the lane against counters, in their order; pure.
import { strict as assert } from "node:assert";
import type { RejectionReason } from "@onsale/contracts/order";

/** Something bounded that orders draw on, such as the stock of a ticket type. `isCancelled`: its event was cancelled. */
export type Counter = Readonly<{ limit: number; used: number; isCancelled?: boolean }>;

/** Tickets of one type; an entry has at most one line for each type. */
export type Line = Readonly<{ ticketType: string; quantity: number }>;

/** What the lane decides: a purchase, or a payment that came after its hold had expired. */
export type Entry = Readonly<{
  lines: readonly Line[];
  /** Grants each line whole or not at all, instead of all lines or none. */
  allowPartial: boolean;
}>;

/** A line that was not granted, and the counter that had too little left for it. */
export type Shortage = Readonly<{ ticketType: string; requested: number; available: number; counter: string }>;

/** `lines` are those that were granted: all of them, unless the entry allows a part. */
export type Decision = Readonly<
  | { kind: "granted"; lines: readonly Line[]; shortages: readonly Shortage[] }
  | { kind: "refused"; reason: RejectionReason; shortages: readonly Shortage[] }
>;

const none: readonly never[] = Object.freeze([]);

/** The decision about an order that cannot be processed. */
export const failed: Decision = Object.freeze({ kind: "refused", reason: "internal-error", shortages: none });

/** The decision about every entry of a cancelled event. */
const eventCancelled: Decision = Object.freeze({ kind: "refused", reason: "event-cancelled", shortages: none });

/**
 * Decides entries one after the other, first come first served: an entry that asks for more than is left is refused,
 * and the next one may still be granted. All of them are refused once their event is cancelled.
 *
 * @param counters by ticket type; they are not changed
 * @returns one decision per entry, in the same order
 * @throws AssertionError when a line has a ticket type without a counter, or a quantity below 1; the gateway refuses
 *   both
 */
export function decide(counters: ReadonlyMap<string, Counter>, entries: readonly Entry[]): Decision[] {
  const left = new Map<string, number>();
  for (const [name, { limit, used, isCancelled }] of counters) {
    if (isCancelled === true) return entries.map(() => eventCancelled);
    left.set(name, limit - used);
  }
  return entries.map((entry) => decideEntry(left, entry));
}

/** Decides one entry and draws what it grants from `left`. */
function decideEntry(left: Map<string, number>, { lines, allowPartial }: Entry): Decision {
  let shortages: Shortage[] | undefined;
  for (const line of lines) {
    const shortage = findShortage(left, line);
    if (shortage !== null) shortages = [...(shortages ?? []), shortage];
  }
  if (shortages === undefined) {
    draw(left, lines);
    return { kind: "granted", lines, shortages: none };
  }
  const short = new Set(shortages.map(({ ticketType }) => ticketType));
  const granted = allowPartial ? lines.filter(({ ticketType }) => !short.has(ticketType)) : none;
  if (granted.length === 0) return { kind: "refused", reason: reasonOf(shortages), shortages };
  draw(left, granted);
  return { kind: "granted", lines: granted, shortages };
}

/** What a line lacks, or null when there is enough for it. */
function findShortage(left: ReadonlyMap<string, number>, { ticketType, quantity }: Line): Shortage | null {
  const available = left.get(ticketType);
  assert(available !== undefined, `no stock is known for ticket type ${ticketType}`);
  assert(quantity >= 1, `a quantity is at least 1, not ${quantity}`);
  if (quantity <= available) return null;
  return { ticketType, requested: quantity, available: Math.max(0, available), counter: ticketType };
}

function draw(left: Map<string, number>, lines: readonly Line[]): void {
  for (const { ticketType, quantity } of lines) left.set(ticketType, (left.get(ticketType) ?? 0) - quantity);
}

function reasonOf(shortages: readonly Shortage[]): RejectionReason {
  return shortages.every(({ available }) => available === 0) ? "sold-out" : "insufficient-stock";
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
