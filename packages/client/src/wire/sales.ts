// What an event sold.
import type { Money } from "./money.ts";
import { isRecord } from "./shape.ts";

/** The steps of a sales report. */
export type SalesInterval = "minute" | "hour" | "day";

/** What happened to tickets of one type. */
export type SalesMovements = Readonly<{
  /** Tickets of new holds. */
  held: number;
  /** Tickets of orders that were confirmed, at once, after a hold or after a late payment. */
  sold: number;
  /** Those of `sold` that were held until then. */
  soldFromHold: number;
  /** Held tickets that buyers gave back. */
  released: number;
  /** Held tickets whose hold expired. */
  expired: number;
  /** Sold tickets that were given back. */
  cancelled: number;
  rejected: readonly Readonly<{ reason: string; orders: number; tickets: number }>[];
  /** The price of `sold`, by currency. */
  revenue: readonly Money[];
  /** The price of `cancelled`, by currency. */
  refunds: readonly Money[];
}>;

/** What an event sold. */
export type SalesReport = Readonly<{
  eventCode: string;
  /** RFC 3339. */
  at: string;
  from: string | null;
  to: string | null;
  interval: SalesInterval;
  /** How many orders have each status; with `from` or `to`, how many more of them than before. */
  orders: Readonly<{
    waiting: number;
    held: number;
    confirmed: number;
    rejected: number;
    expired: number;
    cancelled: number;
  }>;
  /** By ticket type. `netSold`, `netHeld`: less what came back; without `from` and `to`, what is sold and held. */
  totals: readonly (SalesMovements & Readonly<{ ticketType: string; netSold: number; netHeld: number }>)[];
  /** By time and ticket type, without intervals in which nothing happened. */
  content: readonly (SalesMovements & Readonly<{ start: string; ticketType: string }>)[];
}>;

/** The last line of an export as NDJSON. */
export type ExportEnd = Readonly<{ end: Readonly<{ orders: number }> }>;

/** A sales report. */
export function isSalesReport(value: unknown): value is SalesReport {
  return isRecord(value) && Array.isArray(value.totals) && Array.isArray(value.content);
}

/** The last line of an export. */
export function isExportEnd(value: unknown): value is ExportEnd {
  return isRecord(value) && isRecord(value.end) && Number.isInteger(value.end.orders);
}
