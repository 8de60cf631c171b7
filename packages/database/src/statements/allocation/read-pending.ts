// Reads what the lane decides next: the first pending orders of some buckets and the late payments among them, in the
// order of their numbers. No locks. Indexes used: orders_by_bucket, the end of each bucket's part of it;
// payments_undecided, returns_by_bucket; buckets_newest; the primary key of orders.
import type { Strategy } from "@onsale/contracts/order";
import { type OrderTerms, requestedLines } from "@onsale/contracts/present-order";
import { bucketOf } from "@onsale/domain/bucket";
import type { Line } from "@onsale/domain/decide";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { bucketsIn, isPendingInBucket } from "../pending/pending.ts";

/** An entry of the lane. */
export type PendingEntry = Readonly<{
  /** The order's id. */
  id: string;
  /** The order's number, or that of the late payment. */
  seq: number;
  /** The place of the order's row, for a write without a search; another transaction may move the row. */
  ctid: string;
  eventId: number;
  strategy: Strategy;
  /** Milliseconds since 1970, with microseconds as fraction. */
  createdAtMs: number;
  /** What the order asks for; of a late payment, what the order had last. */
  lines: readonly Line[];
  allowPartial: boolean;
  /** For how long the tickets are held; null when the order is confirmed at once. */
  holdSeconds: number | null;
  /** Waits when too few tickets are left; a late payment does not. */
  waits: boolean;
  /** The access code that the order uses. */
  codeId: number | null;
  /** The keyed hash of the customer's reference in hexadecimal, when the order's terms have it. */
  customer: string | null;
  /** The late payment's id; null for a purchase. */
  paymentId: number | null;
  /** Whether the tickets of a late payment's order are back, so that it can be decided. True for a purchase. */
  isReady: boolean;
}>;

type Row = Omit<PendingEntry, "lines" | "allowPartial" | "holdSeconds" | "waits" | "codeId" | "customer"> &
  Readonly<{
    ticketType: string | null;
    quantity: number;
    terms: OrderTerms | null;
    items: readonly Line[] | null;
  }>;

/** Orders of one bucket at most, so that a hot event does not delay the other buckets. */
const bucketCountMax = 500;

/**
 * A prefix of each bucket's entries, all together by rising `seq`. Only those up to an arrival floor that an earlier
 * statement read may be decided.
 *
 * @param countMax entries at most
 */
export async function readPending(db: Db, buckets: readonly number[], countMax: number): Promise<PendingEntry[]> {
  const ordersPerBucketMax = Math.min(countMax, bucketCountMax);
  const { rows } = await sql<Row>`
    SELECT first.id, first.seq, first.ctid, first.event_id AS "eventId", first.ticket_type AS "ticketType",
           first.quantity, first.strategy, first.terms, first.items, first.is_ready AS "isReady",
           (extract(epoch FROM first.created_at) * 1000)::float8 AS "createdAtMs", first.payment_id AS "paymentId"
    FROM ${bucketsIn(sql`unnest(${[...new Set(buckets)]}::int[])`)} CROSS JOIN LATERAL (
      (SELECT id, seq, ctid, event_id, ticket_type, quantity, strategy, terms, items, created_at,
              NULL::bigint AS payment_id, true AS is_ready
       FROM orders
       WHERE ${isPendingInBucket}
       ORDER BY event_id & 63, seq LIMIT ${ordersPerBucketMax})
      UNION ALL
      SELECT o.id, p.seq, o.ctid, o.event_id, o.ticket_type, o.quantity, o.strategy, o.terms, o.items,
             p.created_at, p.id,
             NOT EXISTS (SELECT FROM returns r WHERE r.event_id & 63 = buckets.bucket AND r.order_id = p.order_id)
      FROM payments p
      CROSS JOIN LATERAL (SELECT orders.*, orders.ctid FROM orders WHERE orders.id = p.order_id OFFSET 0) AS o
      WHERE p.event_id & 63 = buckets.bucket AND p.outcome IS NULL
    ) AS first
    ORDER BY first.seq LIMIT ${countMax}`.execute(db);
  const entries = rows.map(toEntry);
  return rows.some(({ paymentId }) => paymentId !== null) ? withoutEarlyPayments(entries, ordersPerBucketMax) : entries;
}

function toEntry(row: Row): PendingEntry {
  const { id, seq, ctid, eventId, strategy, createdAtMs, terms, paymentId, isReady } = row;
  const isPayment = paymentId !== null;
  return {
    id,
    seq,
    ctid,
    eventId,
    strategy,
    createdAtMs,
    lines: (isPayment ? row.items : null) ?? requestedLines(row),
    allowPartial: !isPayment && terms?.allowPartial === true,
    holdSeconds: isPayment ? null : (terms?.holdSeconds ?? null),
    waits: !isPayment && terms?.waitlist === true,
    codeId: terms?.code ?? null,
    customer: terms?.customer ?? null,
    paymentId,
    isReady,
  };
}

/**
 * Leaves out the payments that come after the last order of a bucket with more orders than were read: some of those
 * come before the payment.
 */
function withoutEarlyPayments(entries: readonly PendingEntry[], ordersPerBucketMax: number): PendingEntry[] {
  const orders = entries.filter(({ paymentId }) => paymentId === null);
  const byBucket = Map.groupBy(orders, ({ eventId }) => bucketOf(eventId));
  return entries.filter(({ paymentId, eventId, seq }) => {
    const own = byBucket.get(bucketOf(eventId)) ?? [];
    return paymentId === null || own.length < ordersPerBucketMax || seq < (own.at(-1)?.seq ?? 0);
  });
}
