// The counters and the rules of an event, each at the moment of the entry that is replayed (replay.ts); pure.
import { type Counter, type Decision, decide, type Entry, type Line } from "./decide.ts";
import { codeCounter, customerCounter, eventPool, lineCounters, noRules, type Rules } from "./rules.ts";

/** Why counters changed without a purchase: see docs/concepts.md, "The ledger". */
export type LedgerCause =
  | "total"
  | "return"
  | "expiry"
  | "late-payment"
  | "late-payment-refused"
  | "offer"
  | "move"
  | "rules";

/** What a row of the pool `event` says of the order and of the rules. */
export type LedgerDetail = Readonly<{
  ticketType?: string;
  /** What the customer's limit gets back. */
  quantity?: number;
  customer?: string;
  /** The access code whose use came back. */
  code?: number;
  /** Whether an order that waits has one line less. */
  leftWaiting?: boolean;
  /** The number of the order that was offered its tickets. */
  seq?: number;
  /** Of a change of the rules: all that the event has after it. */
  pools?: Readonly<Record<string, readonly string[]>>;
  limits?: Readonly<Record<string, number>>;
  isStrict?: boolean;
  /** Of a new access code, or of one that was revoked, which has no uses. */
  codes?: readonly Readonly<{ id: number; maxUses: number }>[];
}>;

/**
 * A change of a counter that is no decision on a purchase. It took effect after the purchase `afterSeq` and before the
 * next one; of rows with the same `afterSeq`, the earlier row first. Of a late payment, `afterSeq` is its own number.
 */
export type LedgerRow = Readonly<{
  /** A ticket type or a pool. */
  ticketType: string;
  afterSeq: number;
  cause: LedgerCause;
  /** Tickets that came back or were asked for; 0 for a total. */
  quantity: number;
  /** The new total; null unless the cause is `total` or `move`. */
  total: number | null;
  orderId: string | null;
  detail: LedgerDetail | null;
}>;

type PlacedRow = LedgerRow & Readonly<{ place: number }>;
type ReplayedEntry = Entry & Readonly<{ id: string }>;

/** @param rows of the event but for late payments, oldest first */
export function createReplayedCounters(rows: readonly LedgerRow[]) {
  const placed = rows.map((row, place): PlacedRow => ({ ...row, place }));
  const rowsByCounter = Map.groupBy(placed, ({ ticketType }) => ticketType);
  const limitedScopes = new Set(placed.flatMap(({ detail }) => Object.keys(detail?.limits ?? {})));
  const stock = new Map<string, Counter>();
  const applied = new Map<string, number>();
  const customers = new Map<string, number>();
  const codes = new Map<string, Counter>();
  const waiting = new Map<string, number>();
  /** The customers of orders from before the first limit: what these give back is not in rows of the pool `event`. */
  const customersOfOrders = new Map<string, string>();
  let rules: Rules = noRules;
  let limits: Readonly<Record<string, number>> = {};

  const counterOf = (name: string): Counter => stock.get(name) ?? { limit: 0, used: 0 };
  const add = <Key>(map: Map<Key, number>, key: Key, quantity: number) => map.set(key, (map.get(key) ?? 0) + quantity);

  function addStock(name: string, quantity: number): void {
    const { limit, used } = counterOf(name);
    stock.set(name, { limit, used: used + quantity });
  }

  function addCustomer(customer: string | null, { ticketType, quantity }: Line, sign: 1 | -1): void {
    if (customer === null || limitedScopes.size === 0) return;
    for (const scope of ["", ticketType])
      if (limitedScopes.has(scope)) add(customers, customerCounter(customer, scope), sign * quantity);
  }

  function addCode(codeId: number | null, count: 1 | -1): void {
    if (codeId === null) return;
    const { limit, used } = codes.get(codeCounter(codeId)) ?? { limit: 0, used: 0 };
    codes.set(codeCounter(codeId), { limit, used: used + count });
  }

  function addWaiting(ticketType: string, count: 1 | -1): void {
    for (const name of lineCounters(rules, null, { ticketType, quantity: 1 }).stock) add(waiting, name, count);
  }

  /** Applies the rows of a counter, up to an entry's number or up to another row. */
  function applyRows(name: string, isDue: (row: PlacedRow) => boolean): string[] {
    const own = rowsByCounter.get(name) ?? [];
    const faults: string[] = [];
    for (let next = applied.get(name) ?? 0; ; ) {
      const row = own[next];
      if (row === undefined || !isDue(row)) return faults;
      applied.set(name, ++next);
      faults.push(...applyRow(row));
    }
  }

  function applyRow(row: PlacedRow): string[] {
    const { ticketType: name, cause, quantity, total, afterSeq, detail, orderId } = row;
    if (cause === "rules") applyRules(row);
    if (total !== null) stock.set(name, { limit: total, used: counterOf(name).used });
    else if (cause === "offer") addStock(name, quantity);
    else if (cause !== "rules") addStock(name, -quantity);
    if (name !== eventPool && detail === null && orderId !== null) {
      addCustomer(customersOfOrders.get(orderId) ?? null, { ticketType: name, quantity }, -1);
    }
    if (name === eventPool && detail !== null) applyDetail(row, detail);
    const { limit, used } = counterOf(name);
    if (used < 0) return [`${name} got more tickets back than it had given (after ${afterSeq})`];
    if (cause === "offer" && used > limit) return [`an offer after ${afterSeq} took more ${name} than there were`];
    return [];
  }

  function applyDetail({ cause, orderId, ...row }: PlacedRow, detail: LedgerDetail): void {
    const { ticketType = "", quantity = 0, customer = null, code = null, leftWaiting = false } = detail;
    if (cause === "offer" || leftWaiting) addWaiting(ticketType, -1);
    if (cause !== "return" && cause !== "expiry") return;
    // An order that waits gives back no tickets, so the ticket type has no row.
    const isOnlyHere = row.quantity === 0 || orderId === null || !customersOfOrders.has(orderId);
    if (isOnlyHere) addCustomer(customer, { ticketType, quantity }, -1);
    addCode(code, -1);
  }

  /** All that the event has after a change; what is used of a pool is what its ticket types have then. */
  function applyRules({ place, detail }: PlacedRow): void {
    for (const { id, maxUses } of detail?.codes ?? []) {
      codes.set(codeCounter(id), { limit: maxUses, used: codes.get(codeCounter(id))?.used ?? 0 });
    }
    if (detail?.pools === undefined) return;
    limits = detail.limits ?? {};
    const pools = new Map(Object.entries(detail.pools));
    rules = { ...noRules, pools, limited: new Set(Object.keys(limits)), isStrict: detail.isStrict ?? false };
    const used = new Map<string, number>();
    for (const [ticketType, names] of pools) {
      applyRows(ticketType, (row) => row.place < place);
      for (const name of names) add(used, name, counterOf(ticketType).used);
    }
    for (const [name, quantity] of used) stock.set(name, { limit: counterOf(name).limit, used: quantity });
  }

  return {
    counterOf,
    /** Brings all counters of some lines to their state before the entry with this number. */
    advance: (lines: readonly Pick<Line, "ticketType">[], seq: number): string[] => {
      // The pool of the whole event first: it has the rules, which say on what else the lines draw.
      const faults = applyRows(eventPool, ({ afterSeq }) => afterSeq < seq);
      for (const { ticketType } of lines) {
        for (const name of lineCounters(rules, null, { ticketType, quantity: 1 }).stock) {
          faults.push(...applyRows(name, ({ afterSeq }) => afterSeq < seq));
        }
      }
      return faults;
    },
    decide: (entry: Entry): Decision | undefined => {
      if (entry.lines.some(({ ticketType }) => !stock.has(ticketType))) return undefined;
      if (rules === noRules) return decide(stock, [entry])[0];
      const counters = new Map<string, Counter>(stock);
      const { customer = null, codeId = null } = entry;
      for (const [scope, limit] of Object.entries(limits)) {
        if (customer === null) continue;
        const name = customerCounter(customer, scope);
        counters.set(name, { limit, used: customers.get(name) ?? 0 });
      }
      const code = codeId === null ? undefined : codes.get(codeCounter(codeId));
      if (codeId !== null && code !== undefined) counters.set(codeCounter(codeId), code);
      const waitedFor = [...waiting].flatMap(([name, count]) => (count > 0 && name !== eventPool ? [name] : []));
      return decide(counters, [entry], { ...rules, waitedFor: new Set(waitedFor) })[0];
    },
    /** Draws what an entry got. */
    apply: (entry: ReplayedEntry, decision: Decision & { kind: "granted" | "waiting" }): void => {
      const { id, customer = null, codeId = null } = entry;
      const isBeforeLimits = limitedScopes.size > 0 && Object.keys(limits).length === 0;
      if (customer !== null && isBeforeLimits) customersOfOrders.set(id, customer);
      addCode(codeId, 1);
      for (const line of decision.kind === "granted" ? decision.lines : entry.lines) {
        addCustomer(customer, line, 1);
        if (decision.kind === "waiting") addWaiting(line.ticketType, 1);
        else for (const name of lineCounters(rules, null, line).stock) addStock(name, line.quantity);
      }
    },
    leftFor: (lines: readonly Line[]): string => {
      const texts = lines.flatMap((line) => {
        const names = lineCounters(rules, null, line).stock.filter((name) => name !== eventPool);
        return names.map((name) => {
          const { limit, used } = counterOf(name);
          return `${limit - used} ${name} left for ${line.quantity}`;
        });
      });
      return texts.join(", ");
    },
  };
}
