// What a purchase comes to: docs/api-guide.md, "Rules of a sale" and "Buy".
import type { Line } from "@onsale/domain/decide";
import { countOf, type Demand, type ModelOrder, type Sale } from "./sale.ts";
import { type Room, roomOf } from "./stock.ts";

export type Verdict = Readonly<
  /** Nothing is recorded. */
  | { kind: "refused"; code: string }
  | { kind: "decided"; status: "CONFIRMED" | "HELD"; items: readonly Line[]; reason: null }
  | { kind: "decided"; status: "REJECTED"; items: readonly Line[]; reason: string }
>;

/** What a line lacks: tickets of which some are left, tickets of which none is, or its customer's permission. */
type Lack = "some-left" | "none-left" | "customer";

/** @param orders of all events */
export function judgePurchase(sale: Sale, orders: readonly ModelOrder[], demand: Demand): Verdict {
  const refusal = findRefusal(sale, demand);
  if (refusal !== undefined) return { kind: "refused", code: refusal };
  const { lines, customer, isHeld, allowPartial } = demand;
  const { granted, lacks } = grant(roomOf(sale, orders, customer), lines);
  if (lacks.length > 0 && (!allowPartial || granted.length === 0)) {
    return { kind: "decided", status: "REJECTED", items: lines, reason: reasonOf(lacks) };
  }
  return { kind: "decided", status: isHeld ? "HELD" : "CONFIRMED", items: granted, reason: null };
}

/**
 * Whether an order gets nothing because a ticket type has none left: then a gateway may refuse the purchase as sold
 * out, and record nothing.
 */
export function lacksAll(sale: Sale, orders: readonly ModelOrder[], { lines, allowPartial }: Demand): boolean {
  const { types, pool } = roomOf(sale, orders, null);
  const isOut = ({ ticketType }: Line) => Math.min(types[ticketType] ?? 0, pool) <= 0;
  return allowPartial ? lines.every(isOut) : lines.some(isOut);
}

/** Whether all of some tickets are still there for a customer who pays late. */
export function hasRoom(sale: Sale, orders: readonly ModelOrder[], { items, demand }: ModelOrder): boolean {
  return grant(roomOf(sale, orders, demand.customer), items).lacks.length === 0;
}

function findRefusal({ maxPerOrder, maxPerCustomer, isPaused }: Sale, demand: Demand): string | undefined {
  if (maxPerOrder !== null && countOf(demand.lines) > maxPerOrder) return "order-limit";
  if (maxPerCustomer !== null && demand.customer === null) return "customer-required";
  return isPaused ? "sale-paused" : undefined;
}

/** Grants each line for which there is enough, one after the other. */
function grant(room: Room, lines: readonly Line[]) {
  const granted: Line[] = [];
  const lacks: Lack[] = [];
  for (const line of lines) {
    const used = countOf(granted);
    const left = Math.min(room.types[line.ticketType] ?? 0, room.pool - used);
    if (line.quantity > room.customer - used) lacks.push("customer");
    else if (line.quantity > left) lacks.push(left > 0 ? "some-left" : "none-left");
    else granted.push(line);
  }
  return { granted, lacks };
}

function reasonOf(lacks: readonly Lack[]): string {
  if (lacks.includes("customer")) return "customer-limit";
  return lacks.every((lack) => lack === "none-left") ? "sold-out" : "insufficient-stock";
}
