// What the model knows: the rules and stock of sales, and the orders with their states. It repeats what the
// documentation says, and uses nothing of how Onsale decides.
import type { OrderStatus } from "@onsale/contracts/order";
import type { Line } from "@onsale/domain/decide";

export type Sale = Readonly<{
  /** The code of the event. */
  code: string;
  /** Tickets, by ticket type. */
  totals: Readonly<Record<string, number>>;
  /** What a pool has on which all ticket types draw; null without one. */
  pool: number | null;
  maxPerOrder: number | null;
  maxPerCustomer: number | null;
  isPaused: boolean;
}>;

/** What a buyer asks for. */
export type Demand = Readonly<{
  /** One for each ticket type. */
  lines: readonly Line[];
  customer: string | null;
  isHeld: boolean;
  allowPartial: boolean;
}>;

/** A request with a key that changed an order; `items` of a cancellation, undefined when it was of the whole order. */
export type KeyedChange = Readonly<
  { kind: "cancel"; key: string; items: readonly Line[] | undefined } | { kind: "extend"; key: string; seconds: number }
>;

export type ModelOrder = Readonly<{
  id: string;
  /** The code of its event. */
  code: string;
  key: string;
  demand: Demand;
  status: OrderStatus;
  version: number;
  /** What it has; of a rejected order what it asked for, of one that ended what it had last. */
  items: readonly Line[];
  /** Why it was rejected. */
  reason: string | null;
  paymentReference: string | null;
  wasExtended: boolean;
  /** References of payments that have to be paid back. */
  refunds: readonly string[];
  changes: readonly KeyedChange[];
}>;

export const hasTickets = ({ status }: ModelOrder) => status === "HELD" || status === "CONFIRMED";

export function countOf(lines: readonly Line[], ticketType?: string): number {
  return lines.reduce(
    (sum, line) => sum + (ticketType === undefined || line.ticketType === ticketType ? line.quantity : 0),
    0,
  );
}
