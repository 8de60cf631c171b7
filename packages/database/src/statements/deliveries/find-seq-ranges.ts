// Finds where the rows of a time are among the rows of an event or an endpoint, without an index on the time: such an
// index would make every decision write to it. Orders of an event are decided in the order of `seq`, and deliveries and
// transitions get theirs when they are created, so a binary search finds the place, with one probe of an index for each
// halving (some 20 for a million rows). The clock of the database may have been set back, by the failover to another
// server for example, so the range begins a minute early and ends a minute late: it is only a bound, and the statement
// that reads it compares the times. Refunds are few and decided in any order, so all of an event are read. No locks.
// Indexes used: orders_by_event, order_history_by_event, payments_refunds, webhook_deliveries_by_endpoint, the primary
// key of events.
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";
import { type FactSourceName, factSources } from "./fact-sources.ts";
import type { SeqRange } from "./redeliver.ts";

export type TimeRange = Readonly<{ from: Date; to: Date }>;

const clockStepMaxMs = 60_000;

/**
 * The first `seq` of the rows whose time is not before a given one, or the `seq` after the last row.
 *
 * @param rows the rows that are searched, such as `orders WHERE event_id = 1`
 * @param time their column with the time; null counts as later than any time
 */
function firstSeq(rows: RawBuilder<unknown>, time: string, at: Date): RawBuilder<number> {
  return sql`(
    WITH RECURSIVE search (low, high) AS (
      SELECT (SELECT seq FROM ${rows} ORDER BY seq LIMIT 1), (SELECT seq + 1 FROM ${rows} ORDER BY seq DESC LIMIT 1)
      UNION ALL
      SELECT CASE WHEN probe.is_before THEN probe.seq + 1 ELSE low END,
             CASE WHEN probe.is_before THEN high ELSE (low + high) / 2 END
      FROM search CROSS JOIN LATERAL (
        SELECT seq, ${sql.ref(time)} < ${at}::timestamptz AS is_before
        FROM ${rows} AND seq >= (search.low + search.high) / 2 ORDER BY seq LIMIT 1
      ) AS probe
      WHERE low < high
    )
    SELECT low FROM search WHERE low = high)`;
}

function range(rows: RawBuilder<unknown>, time: string, { from, to }: TimeRange): RawBuilder<SeqRange> {
  const early = new Date(from.getTime() - clockStepMaxMs);
  const late = new Date(to.getTime() + clockStepMaxMs);
  return sql`${firstSeq(rows, time, early)} - 1 AS "afterSeq", ${firstSeq(rows, time, late)} AS "beforeSeq"`;
}

/** Where the deliveries that an endpoint got in a time are; undefined when it has none. */
export async function findDeliveries(db: Db, endpointId: string, time: TimeRange): Promise<SeqRange | undefined> {
  const rows = sql`webhook_deliveries WHERE endpoint_id = ${endpointId}::uuid`;
  const found = await sql<SeqRange>`
    SELECT * FROM (SELECT ${range(rows, "created_at", time)}) AS found
    WHERE "afterSeq" + 1 < "beforeSeq"`.execute(db);
  return found.rows[0];
}

/** Where the facts of an event that happened in a time are. */
export type EventSeqRange = SeqRange & Readonly<{ eventId: number }>;

/** The first of some events that has facts of a time; undefined when none has. */
export async function findFacts(
  db: Db,
  source: FactSourceName,
  eventIds: readonly number[],
  time: TimeRange,
): Promise<EventSeqRange | undefined> {
  const { rows, time: column } = factSources[source];
  const ofEvent = sql`${rows} WHERE event_id = event.id`;
  const place =
    source === "refunds"
      ? sql`
        min(seq) - 1 AS "afterSeq", max(seq) + 1 AS "beforeSeq"
        FROM ${ofEvent} AND decided_at >= ${time.from} AND decided_at < ${time.to}`
      : range(ofEvent, column, time);
  const found = await sql<EventSeqRange>`
    SELECT event.id AS "eventId", found.*
    FROM unnest(${eventIds}::int[]) WITH ORDINALITY AS event (id, place)
    CROSS JOIN LATERAL (SELECT ${place}) AS found
    WHERE found."afterSeq" + 1 < found."beforeSeq"
    ORDER BY event.place LIMIT 1`.execute(db);
  return found.rows[0];
}

/** Events of an account by rising id, from one on; only the given one of an endpoint that wants no other. */
export async function listEventIds(
  db: Db,
  accountId: number,
  onlyId: number | null,
  fromId: number,
  countMax: number,
): Promise<number[]> {
  let query = db.selectFrom("events").select("id").where("account_id", "=", accountId).where("id", ">=", fromId);
  if (onlyId !== null) query = query.where("id", "=", onlyId);
  const rows = await query.orderBy("id").limit(countMax).execute();
  return rows.map(({ id }) => id);
}
