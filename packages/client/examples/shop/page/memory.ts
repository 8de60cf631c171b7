// What this browser remembers, for all its tabs: the basket, the e-mail address, the access code, its orders, and a
// purchase that has no answer yet. The key of that purchase is stored before it is sent, so that a reload in the middle
// of it sends the same purchase again, which is the same order.
import type { Line } from "@onsale/client";
import { eventCode } from "./shop-client.ts";
import { createValue } from "./value.ts";

/** A purchase that is sent until it has an answer. */
export type Attempt = Readonly<{
  key: string;
  items: readonly Line[];
  customerRef: string;
  accessCode: string;
  waitlist: boolean;
  /** When the buyer asked for it. */
  atMs: number;
}>;

export type Memory = Readonly<{
  basket: Readonly<Record<string, number>>;
  customer: string;
  accessCode: string;
  attempt: Attempt | null;
  /** The newest first. */
  orderIds: readonly string[];
  /** When the newest one became an order. */
  newestAtMs: number;
}>;

const name = `shop ${eventCode}`;
const ordersMax = 30;
/** A reload takes less. */
const justMs = 10_000;
const empty: Memory = { basket: {}, customer: "", accessCode: "", attempt: null, orderIds: [], newestAtMs: 0 };

export const memory = createValue<Memory>(load());

/** Changes a part of it, here and in the other tabs. */
export function remember(change: Partial<Memory>): void {
  // Another tab may have changed the rest.
  const next = { ...load(), ...change };
  try {
    localStorage.setItem(name, JSON.stringify(next));
  } catch {
    // A browser that stores nothing forgets at a reload.
  }
  memory.set(next);
}

/** Sets how many tickets of a type are in the basket. */
export function setCount(ticketType: string, count: number): void {
  const { [ticketType]: _, ...others } = load().basket;
  remember({ basket: count > 0 ? { ...others, [ticketType]: count } : others });
}

/** Notes that an attempt has become an order. */
export function noteOrder(orderId: string): void {
  const orderIds = [orderId, ...load().orderIds.filter((id) => id !== orderId)].slice(0, ordersMax);
  remember({ attempt: null, basket: {}, orderIds, newestAtMs: Date.now() });
}

/** The order of a purchase that was answered just now; null when there is none. */
export function justBought(): string | null {
  const { orderIds, newestAtMs } = memory.get();
  return Date.now() - newestAtMs < justMs ? (orderIds[0] ?? null) : null;
}

addEventListener("storage", ({ key }) => {
  if (key === name) memory.set(load());
});

function load(): Memory {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(name) ?? "null");
    return stored === null ? empty : toMemory(stored);
  } catch {
    return empty;
  }
}

/** Reads what is stored: another version of the page may have written it. */
function toMemory(stored: unknown): Memory {
  const { basket, customer, accessCode, attempt, orderIds, newestAtMs } = toFields(stored);
  return {
    basket: toCounts(basket),
    customer: toText(customer),
    accessCode: toText(accessCode),
    attempt: toAttempt(attempt),
    orderIds: Array.isArray(orderIds) ? orderIds.filter((id) => typeof id === "string") : [],
    newestAtMs: typeof newestAtMs === "number" ? newestAtMs : 0,
  };
}

function toAttempt(stored: unknown): Attempt | null {
  const { key, items, customerRef, accessCode, waitlist, atMs } = toFields(stored);
  if (typeof key !== "string" || !Array.isArray(items) || typeof atMs !== "number") return null;
  const lines = items.map((item) => {
    const { ticketType, quantity } = toFields(item);
    return { ticketType: toText(ticketType), quantity: Number(quantity) };
  });
  const [customer, code] = [toText(customerRef), toText(accessCode)];
  return { key, items: lines, customerRef: customer, accessCode: code, waitlist: waitlist === true, atMs };
}

function toCounts(stored: unknown): Record<string, number> {
  const counts = Object.entries(toFields(stored)).flatMap(([type, count]): [string, number][] =>
    typeof count === "number" && Number.isSafeInteger(count) && count > 0 ? [[type, count]] : [],
  );
  return Object.fromEntries(counts);
}

function toFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
