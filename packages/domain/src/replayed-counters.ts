// The counters and the rules of an event, each at the moment of the entry that is replayed (replay.ts); pure.
import { type Counter, type Decision, decide, type Entry, type Line } from "./decide.ts";
import { codeCounter, customerCounter, eventPool, lineCounters, noRules, poolName, type Rules } from "./rules.ts";

/** Why counters changed without a purchase: see docs/concepts.md, "The ledger". */
export type LedgerCause =
  | "total"
  | "return"
  | "expiry"
  | "late-payment"
  | "late-payment-refused"
  | "offer"
  | "move"
  | "rules"
  | "cancellation";

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
  /** Tickets that came back or were asked for; 0 for a total and for the event's cancellation. */
  quantity: number;
  /** The new total; null unless the cause is `total` or `move`. */
  total: number | null;
  orderId: string | null;
  /** Why a late payment was refused, when that was not for the stock. */
  reason: string | null;
  detail: LedgerDetail | null;
}>;

type PlacedRow = LedgerRow & Readonly<{ place: number }>;
type ReplayedEntry = Entry & Readonly<{ id: string }>;

/**
 * @param rows of the event but for late payments, oldest first
 * @param paidLateIds the orders with late payments
 */
export function createReplayedCounters(rows: readonly LedgerRow[], paidLateIds: ReadonlySet<string>) {
  const state = createState(rows);
  const isNeeded = (id: string) => isBeforeLimit(state) || (state.limitedScopes.size > 0 && paidLateIds.has(id));
  return {
    counterOf: (name: string) => counterOf(state, name),
    /** Brings all counters of some lines to their state before the entry with this number. */
    advance: (lines: readonly Pick<Line, "ticketType">[], seq: number): string[] => {
      // The pool of the whole event first: it has the rules, which say on what else the lines draw.
      const faults = applyRows(state, eventPool, ({ afterSeq }) => afterSeq < seq);
      for (const name of stockNames(state, lines)) {
        faults.push(...applyRows(state, name, ({ afterSeq }) => afterSeq < seq));
      }
      return faults;
    },
    decide: (entry: Entry): Decision | undefined => {
      if (entry.lines.some(({ ticketType }) => !state.stock.has(ticketType))) return undefined;
      return state.rules === noRules ? decide(state.stock, [entry])[0] : decideByRules(state, entry);
    },
    /** Draws what an entry got. */
    apply: (entry: ReplayedEntry, decision: Decision & { kind: "granted" | "waiting" }): void => {
      const { id, codeId = null } = entry;
      // The ledger does not name the customer of a late payment while there is no limit.
      const customer = entry.customer ?? state.customersOfOrders.get(id) ?? null;
      if (customer !== null && isNeeded(id)) state.customersOfOrders.set(id, customer);
      addCode(state, codeId, 1);
      for (const line of decision.kind === "granted" ? decision.lines : entry.lines) {
        addCustomer(state, customer, line, 1);
        if (decision.kind === "waiting") add(state.waiting, line.ticketType, 1);
        else for (const name of stockNames(state, [line])) addStock(state, name, line.quantity);
      }
    },
    leftFor: (lines: readonly Line[]): string => {
      const texts = lines.flatMap((line) => {
        return stockNames(state, [line]).flatMap((name) => {
          const { limit, used } = counterOf(state, name);
          return name === eventPool ? [] : `${limit - used} ${name} left for ${line.quantity}`;
        });
      });
      return texts.join(", ");
    },
  };
}

type State = {
  readonly rowsByCounter: ReadonlyMap<string, readonly PlacedRow[]>;
  /** How many rows of each counter are applied. */
  readonly applied: Map<string, number>;
  readonly stock: Map<string, Counter>;
  /** Lines of orders that wait, by ticket type. */
  readonly waiting: Map<string, number>;
  /** The scopes that have a limit per customer at some time. */
  readonly limitedScopes: ReadonlySet<string>;
  readonly customers: Map<string, number>;
  /**
   * The customers of orders from before a limit, be it one of several, and of orders that are paid late: the ledger may
   * not name them when they give something back, or get it again.
   */
  readonly customersOfOrders: Map<string, string>;
  readonly codes: Map<string, Counter>;
  rules: Rules;
  limits: Readonly<Record<string, number>>;
};

function createState(rows: readonly LedgerRow[]): State {
  const placed = rows.map((row, place): PlacedRow => ({ ...row, place }));
  return {
    rowsByCounter: Map.groupBy(placed, ({ ticketType }) => ticketType),
    applied: new Map(),
    stock: new Map(),
    waiting: new Map(),
    limitedScopes: new Set(placed.flatMap(({ detail }) => Object.keys(detail?.limits ?? {}))),
    customers: new Map(),
    customersOfOrders: new Map(),
    codes: new Map(),
    rules: noRules,
    limits: {},
  };
}

function counterOf({ stock }: State, name: string): Counter {
  return stock.get(name) ?? { limit: 0, used: 0 };
}

function stockNames({ rules }: State, lines: readonly Pick<Line, "ticketType">[]): string[] {
  return lines.flatMap(({ ticketType }) => lineCounters(rules, null, { ticketType }).stock);
}

/** Whether a limit that the event has at some other time does not count at this moment. */
function isBeforeLimit({ limitedScopes, limits }: State): boolean {
  for (const scope of limitedScopes) if (!(scope in limits)) return true;
  return false;
}

function decideByRules(state: State, entry: Entry): Decision | undefined {
  const counters = new Map<string, Counter>(state.stock);
  const { customer = null, codeId = null } = entry;
  for (const [scope, limit] of Object.entries(state.limits)) {
    if (customer === null) continue;
    const name = customerCounter(customer, scope);
    counters.set(name, { limit, used: state.customers.get(name) ?? 0 });
  }
  const code = codeId === null ? undefined : state.codes.get(codeCounter(codeId));
  if (codeId !== null && code !== undefined) counters.set(codeCounter(codeId), code);
  const waited = [...state.waiting].flatMap(([ticketType, count]) => (count > 0 ? [{ ticketType }] : []));
  const waitedFor = new Set(stockNames(state, waited).filter((name) => name !== eventPool));
  return decide(counters, [entry], { ...state.rules, waitedFor })[0];
}

function add(map: Map<string, number>, key: string, quantity: number): void {
  map.set(key, (map.get(key) ?? 0) + quantity);
}

function addStock(state: State, name: string, quantity: number): void {
  const counter = counterOf(state, name);
  state.stock.set(name, { ...counter, used: counter.used + quantity });
}

function addCustomer(state: State, customer: string | null, { ticketType, quantity }: Line, sign: 1 | -1): void {
  if (customer === null) return;
  for (const scope of ["", ticketType]) {
    if (state.limitedScopes.has(scope)) add(state.customers, customerCounter(customer, scope), sign * quantity);
  }
}

function addCode({ codes }: State, codeId: number | null, count: 1 | -1): void {
  if (codeId === null) return;
  const { limit, used } = codes.get(codeCounter(codeId)) ?? { limit: 0, used: 0 };
  codes.set(codeCounter(codeId), { limit, used: used + count });
}

/** Applies the rows of a counter, up to an entry's number or up to another row. */
function applyRows(state: State, name: string, isDue: (row: PlacedRow) => boolean): string[] {
  const own = state.rowsByCounter.get(name) ?? [];
  const faults: string[] = [];
  for (let next = state.applied.get(name) ?? 0; ; ) {
    const row = own[next];
    if (row === undefined || !isDue(row)) return faults;
    state.applied.set(name, ++next);
    faults.push(...applyRow(state, row));
  }
}

function applyRow(state: State, row: PlacedRow): string[] {
  const { ticketType: name, cause, quantity, total, afterSeq, detail, orderId } = row;
  const faults = cause === "rules" ? applyRules(state, row) : [];
  if (cause === "cancellation") state.stock.set(name, { ...counterOf(state, name), isCancelled: true });
  else if (total !== null) state.stock.set(name, { ...counterOf(state, name), limit: total });
  else if (cause === "offer") addStock(state, name, quantity);
  else if (cause !== "rules") addStock(state, name, -quantity);
  const isBack = cause === "return" || cause === "expiry";
  if (state.rules === noRules && isBack && orderId !== null) {
    addCustomer(state, state.customersOfOrders.get(orderId) ?? null, { ticketType: name, quantity }, -1);
  }
  if (name === eventPool && detail !== null) applyDetail(state, row, detail);
  const { limit, used } = counterOf(state, name);
  if (used < 0) faults.push(`${name} got more tickets back than it had given (after ${afterSeq})`);
  if (cause === "offer" && used > limit) faults.push(`an offer after ${afterSeq} took more ${name} than there were`);
  return faults;
}

function applyDetail(state: State, { cause, orderId }: PlacedRow, detail: LedgerDetail): void {
  const { ticketType = "", quantity = 0, customer = null, code = null, leftWaiting = false } = detail;
  if (cause === "offer" || leftWaiting) add(state.waiting, ticketType, -1);
  if (cause !== "return" && cause !== "expiry") return;
  const known = orderId === null ? undefined : state.customersOfOrders.get(orderId);
  addCustomer(state, known ?? customer, { ticketType, quantity }, -1);
  addCode(state, code, -1);
}

/** All that the event has after a change; what is used of a pool is what its ticket types have then. */
function applyRules(state: State, { place, detail }: PlacedRow): string[] {
  for (const { id, maxUses } of detail?.codes ?? []) {
    state.codes.set(codeCounter(id), { limit: maxUses, used: state.codes.get(codeCounter(id))?.used ?? 0 });
  }
  if (detail?.pools === undefined) return [];
  const others = [...state.rowsByCounter.keys()].filter((name) => name !== eventPool);
  const faults = others.flatMap((name) => applyRows(state, name, (row) => row.place < place));
  state.limits = detail.limits ?? {};
  const pools = new Map(Object.entries(detail.pools));
  state.rules = { ...noRules, pools, limited: new Set(Object.keys(state.limits)), isStrict: detail.isStrict ?? false };
  const used = new Map<string, number>();
  for (const [ticketType, names] of pools) {
    for (const name of names) add(used, name, counterOf(state, ticketType).used);
  }
  // A pool on which no ticket type draws any more has nothing.
  const known = [...state.stock.keys()].filter((name) => name === eventPool || poolName(name) !== null);
  for (const name of new Set([...known, ...used.keys()])) {
    state.stock.set(name, { ...counterOf(state, name), used: used.get(name) ?? 0 });
  }
  return faults;
}
