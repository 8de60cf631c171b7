// Reads the counters and the rules that the entries of a batch need. Of events without rules, that is one statement.
import type { Db } from "@onsale/database/client";
import { readCounters, type StockCounter } from "@onsale/database/statements/allocation/read-counters";
import type { PendingEntry } from "@onsale/database/statements/allocation/read-pending";
import {
  type CodeUse,
  type CustomerCounter,
  type CustomerToCount,
  type EventRules,
  readCodeUse,
  readCustomerLines,
  readCustomersOf,
  readCustomerUse,
  readEventRules,
} from "@onsale/database/statements/allocation/read-rules";
import type { Counter } from "@onsale/domain/decide";
import { codeCounter, customerCounter, eventPool, noRules, type Rules } from "@onsale/domain/rules";
import type { HashCustomer } from "@onsale/security/customer-hash";
import type { EventCounters } from "./decided-event.ts";

/** A customer of an order; `customer` is the keyed hash in hexadecimal. */
export type Customer = Readonly<{ customer: string; customerRef: string | null; isInTerms: boolean }>;

export type BatchCounters = Readonly<{
  byEvent: ReadonlyMap<number, EventCounters>;
  /** The entries, with their customers. */
  entries: readonly PendingEntry[];
  /** By order, in events with limits per customer. */
  customers: ReadonlyMap<string, Customer>;
  /** Of the limits of `customers`, before the batch. */
  uses: readonly LimitUse[];
  /** Customers with orders that do not name them, although they are counted from now on. */
  unmarked: readonly CustomerToCount[];
}>;

/** What a customer has; `isNew` when they were not counted before. */
export type LimitUse = CustomerCounter & Readonly<{ used: number; isNew: boolean }>;

type TypeRef = Readonly<{ eventId: number; ticketType: string }>;

const noCustomers: ReadonlyMap<string, Customer> = new Map();

/** @throws an error when customers are to be counted without CUSTOMER_KEY */
export async function readEventCounters(
  db: Db,
  entries: readonly PendingEntry[],
  hashCustomer: HashCustomer | undefined,
): Promise<BatchCounters> {
  const stock = await readCounters(db, typesOf(entries));
  const pools = poolsOf(stock);
  if (pools.length === 0) {
    const byEvent = new Map<number, EventCounters>();
    for (const [eventId, own] of Map.groupBy(stock, (counter) => counter.eventId)) {
      byEvent.set(eventId, { stock: own, limits: noLimits, rules: noRules });
    }
    return { byEvent, entries, customers: noCustomers, uses: [], unmarked: [] };
  }
  const all = [...stock, ...(await readCounters(db, pools))];
  const ruledIds = new Set(pools.map(({ eventId }) => eventId));
  const ruled = entries.filter(({ eventId }) => ruledIds.has(eventId));
  const rules = await readEventRules(db, [...ruledIds]);
  const limits = limitsOf(rules, stock);
  const customers = await findCustomers(
    db,
    ruled.filter(({ eventId }) => limits.has(eventId)),
    hashCustomer,
  );
  const { uses, unmarked } = await readUses(db, ruled, { rules, limits, customers });
  const codes = await readCodes(db, ruled);
  const byEvent = new Map<number, EventCounters>();
  for (const [eventId, own] of Map.groupBy(all, (counter) => counter.eventId)) {
    const isRuled = ruledIds.has(eventId);
    const limited = limits.get(eventId) ?? new Map<string, number>();
    byEvent.set(eventId, {
      stock: own,
      limits: isRuled ? limitCounters(eventId, limited, uses, codes) : noLimits,
      rules: isRuled ? toRules(own, limited, rules.find((row) => row.eventId === eventId)?.isStrict === true) : noRules,
    });
  }
  const withCustomers = entries.map((entry) => ({ ...entry, customer: customers.get(entry.id)?.customer ?? null }));
  return { byEvent, entries: withCustomers, customers, uses, unmarked };
}

const noLimits: ReadonlyMap<string, Counter> = new Map();

/** The ticket types of some entries, each of them once. */
export function typesOf(entries: readonly PendingEntry[]): TypeRef[] {
  const types = new Map<number, Map<string, TypeRef>>();
  for (const { eventId, lines } of entries) {
    const own = types.get(eventId) ?? new Map<string, TypeRef>();
    types.set(eventId, own);
    for (const { ticketType } of lines) if (!own.has(ticketType)) own.set(ticketType, { eventId, ticketType });
  }
  return Array.from(types.values(), (own) => [...own.values()]).flat();
}

/** The pools behind some ticket types, each of them once. */
export function poolsOf(stock: readonly StockCounter[]): TypeRef[] {
  const pools = new Map<string, TypeRef>();
  for (const { eventId, pools: names } of stock) {
    for (const ticketType of names ?? []) pools.set(`${eventId} ${ticketType}`, { eventId, ticketType });
  }
  return [...pools.values()];
}

/** The limits per customer of each event that has some: by ticket type, '' for the whole event. */
function limitsOf(rules: readonly EventRules[], stock: readonly StockCounter[]): Map<number, Map<string, number>> {
  const limits = new Map<number, Map<string, number>>();
  const add = (eventId: number, scope: string, limit: number | null) => {
    if (limit !== null) limits.set(eventId, (limits.get(eventId) ?? new Map<string, number>()).set(scope, limit));
  };
  for (const { eventId, maxPerCustomer } of rules) add(eventId, "", maxPerCustomer);
  for (const { eventId, ticketType, maxPerCustomer, pools } of stock) {
    if (pools !== null) add(eventId, ticketType, maxPerCustomer);
  }
  return limits;
}

async function findCustomers(
  db: Db,
  entries: readonly PendingEntry[],
  hashCustomer: HashCustomer | undefined,
): Promise<Map<string, Customer>> {
  if (entries.length === 0) return new Map();
  if (hashCustomer === undefined) {
    throw new Error(
      "an event has limits per customer, but this worker has no CUSTOMER_KEY; set it as for the gateways",
    );
  }
  const inTerms = new Map(entries.map(({ id, customer }) => [id, customer]));
  const customers = new Map<string, Customer>();
  for (const { orderId, customer, customerRef } of await readCustomersOf(db, [...inTerms.keys()])) {
    const known = inTerms.get(orderId) ?? customer;
    const own = known ?? (customerRef === null ? null : hashCustomer(customerRef).toString("hex"));
    if (own !== null) customers.set(orderId, { customer: own, customerRef, isInTerms: known !== null });
  }
  return customers;
}

type Limits = Readonly<{
  rules: readonly EventRules[];
  limits: ReadonlyMap<number, ReadonlyMap<string, number>>;
  customers: ReadonlyMap<string, Customer>;
}>;

/** What the customers of some orders have, of each limit that the orders draw on. */
async function readUses(
  db: Db,
  entries: readonly PendingEntry[],
  { rules, limits, customers }: Limits,
): Promise<Pick<BatchCounters, "uses" | "unmarked">> {
  const requested = new Map<string, CustomerCounter>();
  const references = new Map<string, string>();
  for (const { id, eventId, lines } of entries) {
    const own = customers.get(id);
    const limited = limits.get(eventId);
    if (own === undefined || limited === undefined) continue;
    const { customer, customerRef } = own;
    // An order whose reference was erased has none; another one of the customer may.
    if (customerRef !== null) references.set(`${eventId} ${customer}`, customerRef);
    for (const ticketType of ["", ...lines.map((line) => line.ticketType)]) {
      if (limited.has(ticketType))
        requested.set(`${eventId} ${customer} ${ticketType}`, { eventId, customer, ticketType });
    }
  }
  if (requested.size === 0) return { uses: [], unmarked: [] };
  const known = await readCustomerUse(db, [...requested.values()]);
  const accounts = new Map(rules.map(({ eventId, accountId }) => [eventId, accountId]));
  const toCount = new Map<string, CustomerToCount>();
  for (const { eventId, customer, used } of known) {
    const accountId = accounts.get(eventId);
    if (used !== null || accountId === undefined) continue;
    const customerRef = references.get(`${eventId} ${customer}`) ?? null;
    toCount.set(`${eventId} ${customer}`, { eventId, accountId, customer, customerRef });
  }
  const lines = toCount.size === 0 ? [] : await readCustomerLines(db, [...toCount.values()]);
  const byCustomer = Map.groupBy(lines, ({ eventId, customer }) => `${eventId} ${customer}`);
  const uses = known.map(({ used, ...counter }): LimitUse => {
    if (used !== null) return { ...counter, used, isNew: false };
    const own = byCustomer.get(`${counter.eventId} ${counter.customer}`) ?? [];
    const counted = own.filter(({ ticketType }) => counter.ticketType === "" || counter.ticketType === ticketType);
    return { ...counter, used: counted.reduce((sum, { quantity }) => sum + quantity, 0), isNew: true };
  });
  const unmarked = [...toCount].filter(([key]) => byCustomer.get(key)?.some(({ isUnmarked }) => isUnmarked));
  return { uses, unmarked: unmarked.map(([, customer]) => customer) };
}

function readCodes(db: Db, entries: readonly PendingEntry[]): Promise<CodeUse[]> {
  const ids = new Set(entries.flatMap(({ codeId }) => codeId ?? []));
  return ids.size === 0 ? Promise.resolve([]) : readCodeUse(db, [...ids]);
}

function limitCounters(
  eventId: number,
  limits: ReadonlyMap<string, number>,
  uses: readonly LimitUse[],
  codes: readonly CodeUse[],
): Map<string, Counter> {
  const counters = new Map<string, Counter>();
  for (const { customer, ticketType, used, ...use } of uses) {
    if (use.eventId !== eventId) continue;
    counters.set(customerCounter(customer, ticketType), { limit: limits.get(ticketType) ?? 0, used });
  }
  for (const { id, maxUses, used, ...code } of codes) {
    if (code.eventId === eventId) counters.set(codeCounter(id), { limit: maxUses, used });
  }
  return counters;
}

function toRules(stock: readonly StockCounter[], limits: ReadonlyMap<string, number>, isStrict: boolean): Rules {
  const pools = new Map(
    stock.flatMap(({ ticketType, pools }) => (pools === null ? [] : [[ticketType, pools] as const])),
  );
  const waitedFor = stock.flatMap(({ ticketType, waiting }) => {
    return waiting > 0 && ticketType !== eventPool ? [ticketType] : [];
  });
  return { pools, limited: new Set(limits.keys()), isStrict, waitedFor: new Set(waitedFor) };
}
