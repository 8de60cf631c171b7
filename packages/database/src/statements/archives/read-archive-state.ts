// Reads whether the orders of an event can be archived, and how far they are. No locks. Indexes used: the unique one of
// events, orders_by_event, holds_by_event, returns_by_event, archives_by_event, webhook_deliveries_due, the primary key
// of orders. It reads all orders of the event: a second for a million.
import type { OrderStatus } from "@onsale/contracts/order";
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** What tells whether a file still has the orders as they are. */
export type ArchiveFacts = Readonly<{
  orderCount: number;
  /** Rises with every transition. */
  versionSum: number;
  lastSeq: number;
  ledgerCount: number;
}>;

export type ArchiveState = Readonly<{
  eventId: number;
  hasEnded: boolean;
  /** Whether no purchase can come any more: every ticket type's sale has an end, which has passed. */
  isSaleOver: boolean;
  countByStatus: Readonly<Partial<Record<OrderStatus, number>>>;
  /** Holds, returns, late payments without a decision, an unfinished cancellation: what workers still have to do. */
  unappliedCount: number;
  /** Webhooks about the orders that enabled endpoints still get. */
  undeliveredCount: number;
  facts: ArchiveFacts;
}>;

/** @returns undefined when the account has no such event */
export async function readArchiveState(db: Db, accountId: number, code: string): Promise<ArchiveState | undefined> {
  const { rows: events } = await sql<Pick<ArchiveState, "eventId" | "hasEnded" | "isSaleOver">>`
    SELECT e.id AS "eventId", e.end_time <= now() AS "hasEnded",
           e.cancelled_at IS NOT NULL
           OR (coalesce(e.sales_end <= now(), true) AND NOT EXISTS (
             SELECT FROM inventory i
             WHERE i.event_id = e.id AND i.ticket_type NOT LIKE 'pool:%' AND i.ticket_type <> 'event'
               AND coalesce(coalesce(i.sales_end, e.sales_end) > now(), true))) AS "isSaleOver"
    FROM events e WHERE e.account_id = ${accountId}::int AND e.code = ${code}`.execute(db);
  const [event] = events;
  if (event === undefined) return undefined;
  const { eventId } = event;
  const { rows: counts } = await sql<{ status: OrderStatus; count: number }>`
    SELECT status, count(*) FROM orders WHERE event_id = ${eventId}::int GROUP BY status`.execute(db);
  const { rows: open } = await sql<Pick<ArchiveState, "unappliedCount" | "undeliveredCount">>`
    SELECT (SELECT count(*) FROM holds WHERE event_id = ${eventId}::int)
           + (SELECT count(*) FROM returns WHERE event_id = ${eventId}::int)
           + (SELECT count(*) FROM payments WHERE event_id & 63 = ${eventId}::int & 63 AND outcome IS NULL
                AND event_id = ${eventId}::int)
           + (SELECT count(*) FROM event_cancellations WHERE event_id = ${eventId}::int AND finished_at IS NULL)
             AS "unappliedCount",
           (SELECT count(*) FROM outbox b JOIN orders o ON o.id = b.order_id WHERE o.event_id = ${eventId}::int)
           + (SELECT count(*) FROM webhook_deliveries d
              JOIN webhook_endpoints w ON w.id = d.endpoint_id AND w.disabled_at IS NULL
              JOIN orders o ON o.id = d.order_id
              WHERE d.status = 'PENDING' AND o.event_id = ${eventId}::int) AS "undeliveredCount"`.execute(db);
  const [waiting = { unappliedCount: 0, undeliveredCount: 0 }] = open;
  const countByStatus = Object.fromEntries(counts.map(({ status, count }) => [status, count]));
  return { ...event, ...waiting, countByStatus, facts: await readArchiveFacts(db, eventId) };
}

/** The facts of an event's orders as they are now. */
export async function readArchiveFacts(db: Db, eventId: number): Promise<ArchiveFacts> {
  const { rows } = await sql<ArchiveFacts>`
    SELECT count(*) AS "orderCount", coalesce(sum(version), 0)::bigint AS "versionSum",
           coalesce(max(seq), 0) AS "lastSeq",
           (SELECT count(*) FROM ledger WHERE event_id = ${eventId}::int) AS "ledgerCount"
    FROM orders WHERE event_id = ${eventId}::int`.execute(db);
  const [facts] = rows;
  if (facts === undefined) throw new Error("an aggregate returned no row");
  return facts;
}
