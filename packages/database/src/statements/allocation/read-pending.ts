// Reads the first pending orders of some buckets, in arrival order, with the stock that they draw on. No locks. Indexes
// used: orders_by_bucket, the end of each bucket's part of it; buckets_newest, inventory_newest.
import type { Strategy } from "@onsale/contracts/order";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOf } from "../newest.ts";
import { bucketsIn, isPendingInBucket } from "./pending.ts";

export type PendingOrder = Readonly<{
  id: string;
  seq: number;
  /** The place of the row, for a write without a search; another transaction may move the row. */
  ctid: string;
  eventId: number;
  ticketType: string;
  quantity: number;
  strategy: Strategy;
  /** Milliseconds since 1970, with microseconds as fraction. */
  createdAtMs: number;
  /** Tickets left of the type, and the version that a write must still find; null when the event has no such type. */
  available: number | null;
  stockVersion: number | null;
}>;

/** A row as it is read: it has stock where its ticket type differs from that of the row before. */
type Row = Omit<PendingOrder, "available" | "stockVersion"> & Pick<Mutable, "available" | "stockVersion">;
type Mutable = { -readonly [K in keyof PendingOrder]: PendingOrder[K] };

/** Null where the order before is for the same ticket type, so that a batch looks up few rows: half the time for 100. */
const eventToLookUp = sql`CASE WHEN pending."isOther" THEN pending."eventId" END`;
const stockColumns = sql`total - allocated AS available, version AS "stockVersion"`;

/** Orders of one bucket at most, so that a hot event does not delay the other buckets. */
const bucketCountMax = 500;

/**
 * A prefix of each bucket's pending orders, all together by rising `seq`. Only those up to an arrival floor that an
 * earlier statement read may be decided.
 *
 * @param countMax orders at most
 */
export async function readPending(db: Db, buckets: readonly number[], countMax: number): Promise<PendingOrder[]> {
  const { rows } = await sql<Row>`
    SELECT id, seq, ctid, "eventId", "ticketType", quantity, strategy, "createdAtMs", available, "stockVersion"
    FROM (
      SELECT first.*, ("eventId", "ticketType") IS DISTINCT FROM
                      (lag("eventId") OVER arrival, lag("ticketType") OVER arrival) AS "isOther"
      FROM ${bucketsIn(sql`unnest(${[...new Set(buckets)]}::int[])`)} CROSS JOIN LATERAL (
        SELECT id, seq, ctid, event_id AS "eventId", ticket_type AS "ticketType", quantity, strategy,
               (extract(epoch FROM created_at) * 1000)::float8 AS "createdAtMs"
        FROM orders
        WHERE ${isPendingInBucket}
        ORDER BY event_id & 63, seq LIMIT ${Math.min(countMax, bucketCountMax)}
      ) AS first
      WINDOW arrival AS (ORDER BY first.seq)
      ORDER BY first.seq LIMIT ${countMax}
    ) AS pending
    LEFT JOIN LATERAL ${stockOf(stockColumns, eventToLookUp, sql`pending."ticketType"`)} AS stock ON true
    ORDER BY pending.seq`.execute(db);
  let before: Row | undefined;
  for (const row of rows) {
    if (row.eventId === before?.eventId && row.ticketType === before.ticketType) {
      row.available = before.available;
      row.stockVersion = before.stockVersion;
    }
    before = row;
  }
  return rows;
}
