// Reads the sales report of an event, from its orders and their later transitions: no counters are kept for it, so it
// costs the sale nothing. It counts a prefix of the event's transitions, in the order of their numbers, so it is exact
// also while the sale goes on.
import { type SalesInterval, type SalesReport, salesIntervals } from "@onsale/contracts/books";
import type { Db } from "@onsale/database/client";
import { summariseSales } from "@onsale/database/statements/events/summarise-sales";
import { readDecidedHorizon } from "@onsale/database/statements/orders/decided-horizon";
import type { NumberRange } from "@onsale/database/statements/orders/export-orders";
import { findSeqAfter, findSeqBefore, type NumberedTime } from "@onsale/database/statements/orders/find-seq";
import type { CatalogueEvent } from "../catalogue/catalogue.ts";
import { validationProblem } from "../http/validation.ts";
import type { BookConnections } from "./book-connections.ts";
import { createSalesReport } from "./sales-report.ts";

/** Orders and later transitions that one statement adds up, of each: at most 0.1 s of PostgreSQL's time. */
const pageSize = 5_000;
/**
 * Lines of a report: more would take tens of milliseconds to write as JSON, in which the gateway answers no request.
 */
export const salesLineCountMax = 5_000;

export type SalesRange = Readonly<{ from: Date | null; to: Date | null; interval: SalesInterval }>;

const transitionTimes: readonly NumberedTime[] = ["orders.decided_at", "order_history.at"];

/**
 * @param gone aborted when nobody waits for the report any more
 * @throws ProblemError `overloaded`; `validation-failed` for a report with too many lines
 */
export async function readSales(
  { takeSlot, read }: BookConnections,
  accountId: number,
  { id: eventId, code: eventCode }: CatalogueEvent,
  { from, to, interval }: SalesRange,
  gone: AbortSignal,
): Promise<SalesReport> {
  const release = await takeSlot(accountId);
  try {
    const horizon = await read(accountId, (db) => readDecidedHorizon(db, eventId));
    const { after, through } = await read(accountId, (db) => findRange(db, eventId, from, to, horizon.seq));
    const query = { eventId, from, to, intervalSeconds: salesIntervals[interval] };
    const report = createSalesReport();
    for (let last = after; last < through && !gone.aborted; ) {
      const rest = { after: last, through };
      const page = await read(accountId, (db) => summariseSales(db, query, rest, pageSize));
      for (const row of page.rows) report.add(row);
      if (report.lineCount() > salesLineCountMax) throw tooLong();
      last = page.through;
    }
    return report.finish({ eventCode, at: horizon.at, from, to, interval });
  } finally {
    release();
  }
}

async function findRange(
  db: Db,
  eventId: number,
  from: Date | null,
  to: Date | null,
  horizon: number,
): Promise<NumberRange> {
  const places = (find: typeof findSeqBefore, at: Date) =>
    Promise.all(transitionTimes.map((time) => find(db, eventId, time, at)));
  const after = from === null ? 0 : Math.min(...(await places(findSeqBefore, from)));
  const through = to === null ? horizon : Math.min(horizon, Math.max(...(await places(findSeqAfter, to))));
  return { after, through };
}

function tooLong() {
  const detail = `makes a report of more than ${salesLineCountMax} lines: choose a longer interval or a shorter time`;
  return validationProblem([{ pointer: "/query/interval", detail }]);
}
