// Reads the counters that some entries draw on, with the versions that a write must still find. No locks. Index used:
// inventory_newest.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOf } from "../newest.ts";

/** The stock of a ticket type, or a pool. */
export type StockCounter = Readonly<{
  eventId: number;
  /** The counter's name: a ticket type, or a pool's (packages/domain/src/rules.ts). */
  ticketType: string;
  limit: number;
  used: number;
  version: number;
  /** Lines of orders that wait for it. */
  waiting: number;
  /** The pools on which a ticket type draws, too; null in an event without rules. */
  pools: readonly string[] | null;
  maxPerCustomer: number | null;
  /** Of the pool `event`: since when the waiting list has to be looked through, in microseconds since 1970, or null. */
  offerDueSinceUs: number | null;
  /** Whether the event was cancelled. */
  isCancelled: boolean;
  /** Whether the sale of this ticket type has ended. */
  isSaleEnded: boolean;
}>;

const columns = sql`total AS limit, allocated AS used, version, waiting, pools, max_per_customer AS "maxPerCustomer",
                    (extract(epoch FROM offer_due_since) * 1000000)::bigint AS "offerDueSinceUs",
                    is_cancelled AS "isCancelled", coalesce(sales_end <= clock_timestamp(), false) AS "isSaleEnded"`;

/** Those of the given counters that exist. */
export async function readCounters(
  db: Db,
  counters: readonly Readonly<{ eventId: number; ticketType: string }>[],
): Promise<StockCounter[]> {
  const { rows } = await sql<StockCounter>`
    SELECT requested.event_id AS "eventId", requested.ticket_type AS "ticketType", stock.*
    FROM unnest(${counters.map(({ eventId }) => eventId)}::int[],
                ${counters.map(({ ticketType }) => ticketType)}::text[]) AS requested (event_id, ticket_type)
    CROSS JOIN LATERAL ${stockOf(columns, sql`requested.event_id`, sql`requested.ticket_type`)} AS stock`.execute(db);
  return rows;
}
