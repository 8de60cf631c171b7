// Decides an event's entries again, to find decisions that order, stock and ledger do not explain; pure.
import { type Counter, type Decision, decide, type Line } from "./decide.ts";

/** Why stock changed without a purchase: see docs/concepts.md, "The ledger". */
export type LedgerCause = "total" | "return" | "expiry" | "late-payment" | "late-payment-refused";

/**
 * A change of a ticket type's stock that is no decision on a purchase. It took effect after the purchase `afterSeq` and
 * before the next one; of rows with the same `afterSeq`, the earlier row first. Of a late payment, `afterSeq` is its
 * own number.
 */
export type LedgerRow = Readonly<{
  ticketType: string;
  afterSeq: number;
  cause: LedgerCause;
  /** Tickets that came back or were asked for; 0 for a total. */
  quantity: number;
  /** The new total; null unless the cause is `total`. */
  total: number | null;
  orderId: string | null;
  /** Why a late payment was refused, when that was not for the stock. */
  reason: string | null;
}>;

/** An order of an event that has its first decision. */
export type DecidedOrder = Readonly<{
  seq: number;
  /** What it asked for. */
  lines: readonly Line[];
  allowPartial: boolean;
  /** What its first decision granted; null when that rejected it. */
  granted: readonly Line[] | null;
  reason: string | null;
}>;

export type Replay = Readonly<{
  /** Takes the decided orders one by one, by rising `seq`, and returns a sentence for each fault that it finds. */
  next: (order: DecidedOrder) => string[];
  /** The faults of what happened after the last order, and where the stock is not what the replay ends with. */
  finish: (stock: readonly Readonly<{ ticketType: string; total: number; allocated: number }>[]) => string[];
}>;

/**
 * Replays an event's first decisions and late payments in their order, to check whether stock, order and ledger alone
 * explain each of them (invariant 5, docs/invariants.md). Orders and late payments that were refused with
 * `internal-error` took no stock and are skipped.
 *
 * @param ledger all rows of the event, oldest first
 */
export function createReplay(ledger: readonly LedgerRow[]): Replay {
  const replayed = createReplayedStock(ledger.filter(({ cause }) => !isLatePayment(cause)));
  const payments = groupPayments(ledger.filter(({ cause }) => isLatePayment(cause)));
  let nextPayment = 0;

  function replayPayments(seq: number): string[] {
    const faults: string[] = [];
    for (let payment = payments[nextPayment]; payment !== undefined && payment.seq < seq; ) {
      faults.push(...replayed.advance(payment.lines, payment.seq));
      const expected = replayed.decide(payment.lines, false);
      if (payment.isGranted) replayed.draw(payment.lines);
      if (!payment.hasFailed && (expected?.kind === "granted") !== payment.isGranted) {
        const was = payment.isGranted ? "granted" : "refused";
        faults.push(`the late payment ${payment.seq} was ${was} with ${replayed.leftFor(payment.lines)}`);
      }
      payment = payments[++nextPayment];
    }
    return faults;
  }

  return {
    next: ({ seq, lines, allowPartial, granted, reason }) => {
      if (granted === null && reason === "internal-error") return [];
      const faults = [...replayPayments(seq), ...replayed.advance(lines, seq)];
      const expected = replayed.decide(lines, allowPartial);
      const left = replayed.leftFor(lines);
      if (granted !== null) replayed.draw(granted);
      if (expected === undefined) return [...faults, `order ${seq} was decided before its ticket types had stock`];
      if (isSame(expected, granted, reason)) return faults;
      return [...faults, `order ${seq} was ${outcomeText(granted, reason)} with ${left}`];
    },
    finish: (stock) => {
      const faults = replayPayments(Number.POSITIVE_INFINITY);
      for (const { ticketType, total, allocated } of stock) {
        faults.push(...replayed.advance([{ ticketType }], Number.POSITIVE_INFINITY));
        const { limit, used } = replayed.counterOf(ticketType);
        if (limit === total && used === allocated) continue;
        const ends = `orders and ledger end with ${used} of ${limit}, the stock with ${allocated} of ${total}`;
        faults.push(`${ticketType}: ${ends}`);
      }
      return faults;
    },
  };
}

/** The stock of an event's ticket types, each at the moment of the entry that is replayed. */
function createReplayedStock(rows: readonly LedgerRow[]) {
  const rowsByType = Map.groupBy(rows, ({ ticketType }) => ticketType);
  const counters = new Map<string, Counter>();
  const applied = new Map<string, number>();
  const counterOf = (ticketType: string): Counter => counters.get(ticketType) ?? { limit: 0, used: 0 };

  /** Brings a ticket type to its state before the entry with this number. */
  function applyRows(ticketType: string, seq: number): string[] {
    const own = rowsByType.get(ticketType) ?? [];
    const faults: string[] = [];
    let place = applied.get(ticketType) ?? 0;
    for (let row = own[place]; row !== undefined && row.afterSeq < seq; row = own[++place]) {
      const { limit, used } = counterOf(ticketType);
      const after = used - (row.cause === "total" ? 0 : row.quantity);
      counters.set(ticketType, { limit: row.total ?? limit, used: after });
      if (after < 0) faults.push(`${ticketType} got more tickets back than it had given (after ${row.afterSeq})`);
    }
    applied.set(ticketType, place);
    return faults;
  }

  return {
    counterOf,
    advance: (lines: readonly Pick<Line, "ticketType">[], seq: number): string[] => {
      return lines.flatMap(({ ticketType }) => applyRows(ticketType, seq));
    },
    decide: (lines: readonly Line[], allowPartial: boolean): Decision | undefined => {
      if (lines.some(({ ticketType }) => !counters.has(ticketType))) return undefined;
      return decide(counters, [{ lines, allowPartial }])[0];
    },
    draw: (lines: readonly Line[]): void => {
      for (const { ticketType, quantity } of lines) {
        const { limit, used } = counterOf(ticketType);
        counters.set(ticketType, { limit, used: used + quantity });
      }
    },
    leftFor: (lines: readonly Line[]): string => {
      const texts = lines.map(({ ticketType, quantity }) => {
        const { limit, used } = counterOf(ticketType);
        return `${limit - used} ${ticketType} left for ${quantity}`;
      });
      return texts.join(", ");
    },
  };
}

function isLatePayment(cause: LedgerCause): boolean {
  return cause === "late-payment" || cause === "late-payment-refused";
}

type LatePayment = Readonly<{ seq: number; lines: readonly Line[]; isGranted: boolean; hasFailed: boolean }>;

/** A late payment has one row for each line; all of them have its number. */
function groupPayments(rows: readonly LedgerRow[]): LatePayment[] {
  const byNumber = Map.groupBy(rows, ({ afterSeq }) => afterSeq);
  return Array.from(byNumber, ([seq, lines]) => {
    const isGranted = lines.every(({ cause }) => cause === "late-payment");
    return { seq, lines, isGranted, hasFailed: lines.some(({ reason }) => reason === "internal-error") };
  }).sort((a, b) => a.seq - b.seq);
}

function isSame(expected: Decision, granted: readonly Line[] | null, reason: string | null): boolean {
  if (expected.kind === "refused") return granted === null && reason === expected.reason;
  if (granted === null || reason !== null || granted.length !== expected.lines.length) return false;
  const quantities = new Map(granted.map(({ ticketType, quantity }) => [ticketType, quantity]));
  return expected.lines.every(({ ticketType, quantity }) => quantities.get(ticketType) === quantity);
}

function outcomeText(granted: readonly Line[] | null, reason: string | null): string {
  if (granted === null) return `rejected (${reason ?? "without a reason"})`;
  const what = granted.map(({ ticketType, quantity }) => `${quantity} ${ticketType}`).join(", ");
  return `granted ${what}${reason === null ? "" : ` (${reason})`}`;
}
