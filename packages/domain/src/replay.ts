// Decides an event's entries again, to find decisions that order, counters and ledger do not explain; pure.
import type { Decision, Line } from "./decide.ts";
import { createReplayedCounters, type LedgerRow } from "./replayed-counters.ts";

export type { LedgerCause, LedgerRow } from "./replayed-counters.ts";

/** An order of an event that has its first decision. */
export type DecidedOrder = Readonly<{
  id: string;
  seq: number;
  /** What it asked for. */
  lines: readonly Line[];
  allowPartial: boolean;
  /** Whether it waits when too few tickets are left. */
  waits: boolean;
  /** The keyed hash of its customer, and its access code; null when they are not known or there is none. */
  customer: string | null;
  codeId: number | null;
  /** What its first decision granted; null when that rejected it or made it wait. */
  granted: readonly Line[] | null;
  /** Null when it was granted something or waits. */
  reason: string | null;
}>;

export type Replay = Readonly<{
  /** Takes the decided orders one by one, by rising `seq`, and returns a sentence for each fault that it finds. */
  next: (order: DecidedOrder) => string[];
  /** The faults of what happened after the last order, and where the stock is not what the replay ends with. */
  finish: (stock: readonly Readonly<{ ticketType: string; total: number; allocated: number }>[]) => string[];
}>;

/**
 * Replays an event's first decisions, offers and late payments in their order, to check whether counters, order and
 * ledger alone explain each of them (invariant 5, docs/invariants.md). Orders and late
 * payments that were refused with `internal-error` took no stock and are skipped.
 *
 * @param ledger all rows of the event, oldest first
 */
export function createReplay(ledger: readonly LedgerRow[]): Replay {
  const payments = groupPayments(ledger.filter(({ cause }) => isLatePayment(cause)));
  const others = ledger.filter(({ cause }) => !isLatePayment(cause));
  const replayed = createReplayedCounters(others, new Set(payments.map(({ id }) => id)));
  let nextPayment = 0;

  function replayPayments(seq: number): string[] {
    const faults: string[] = [];
    for (let payment = payments[nextPayment]; payment !== undefined && payment.seq < seq; ) {
      faults.push(...replayed.advance(payment.lines, payment.seq));
      const expected = replayed.decide(payment);
      if (payment.isGranted) replayed.apply(payment, { kind: "granted", lines: payment.lines, shortages: [] });
      if (!payment.hasFailed && (expected?.kind === "granted") !== payment.isGranted) {
        const was = payment.isGranted ? "granted" : "refused";
        faults.push(`the late payment ${payment.seq} was ${was} with ${replayed.leftFor(payment.lines)}`);
      }
      payment = payments[++nextPayment];
    }
    return faults;
  }

  return {
    next: (order) => {
      const { seq, lines, granted, reason } = order;
      if (granted === null && reason === "internal-error") return [];
      const faults = [...replayPayments(seq), ...replayed.advance(lines, seq)];
      const expected = replayed.decide(order);
      const left = replayed.leftFor(lines);
      if (granted !== null) replayed.apply(order, { kind: "granted", lines: granted, shortages: [] });
      else if (reason === null) replayed.apply(order, { kind: "waiting", shortages: [] });
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

function isLatePayment(cause: LedgerRow["cause"]): boolean {
  return cause === "late-payment" || cause === "late-payment-refused";
}

type LatePayment = Readonly<{
  id: string;
  seq: number;
  lines: readonly Line[];
  allowPartial: false;
  isGranted: boolean;
  hasFailed: boolean;
  customer: string | null;
  codeId: number | null;
}>;

/** A late payment has one row for each line and counter; all of them have its number. */
function groupPayments(rows: readonly LedgerRow[]): LatePayment[] {
  const byNumber = Map.groupBy(rows, ({ afterSeq }) => afterSeq);
  return Array.from(byNumber, ([seq, own]): LatePayment => {
    const { customer = null, code = null } = own.find(({ detail }) => detail !== null)?.detail ?? {};
    const isGranted = own.every(({ cause }) => cause === "late-payment");
    const lines = own.filter(({ ticketType }) => isTicketType(ticketType));
    const hasFailed = own.some(({ reason }) => reason === "internal-error");
    const id = own[0]?.orderId ?? "";
    return { id, seq, lines, allowPartial: false, isGranted, hasFailed, customer, codeId: code };
  }).sort((a, b) => a.seq - b.seq);
}

/** Pools have small letters. */
function isTicketType(counter: string): boolean {
  return counter < "a";
}

function isSame(expected: Decision, granted: readonly Line[] | null, reason: string | null): boolean {
  if (expected.kind === "waiting") return granted === null && reason === null;
  if (expected.kind === "refused") return granted === null && reason === expected.reason;
  if (granted === null || reason !== null || granted.length !== expected.lines.length) return false;
  const quantities = new Map(granted.map(({ ticketType, quantity }) => [ticketType, quantity]));
  return expected.lines.every(({ ticketType, quantity }) => quantities.get(ticketType) === quantity);
}

function outcomeText(granted: readonly Line[] | null, reason: string | null): string {
  if (granted === null) return reason === null ? "put on the waiting list" : `rejected (${reason})`;
  const what = granted.map(({ ticketType, quantity }) => `${quantity} ${ticketType}`).join(", ");
  return `granted ${what}${reason === null ? "" : ` (${reason})`}`;
}
