// Reads who waits for tickets of an event, for the places of all its waiting orders at once, and how many got an offer
// lately. No locks. Indexes used: the primary key of waiting, read whole for the event (100,000 orders take 25 ms);
// ledger_by_event, of which the newest entries are read.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** In which the offers are counted. */
export const offersWithinSeconds = 600;

/** The newest entries of the ledger that are read at most; a pace that is faster is estimated as slower. */
const ledgerEntriesMax = 5_000;

export type WaitingPlaces = Readonly<{
  /** The `seq` of all orders that wait, rising; each is a big-endian float64. */
  seqs: Buffer;
  /** Orders that got an offer within the last `offersWithinSeconds`. */
  offeredCount: number;
}>;

export async function readWaitingPlaces(db: Db, eventId: number): Promise<WaitingPlaces> {
  const { rows } = await sql<WaitingPlaces>`
    SELECT (SELECT coalesce(string_agg(float8send(seq::float8), ''::bytea), ''::bytea) FROM (
              SELECT seq FROM waiting WHERE event_id = ${eventId}::int ORDER BY event_id, seq) AS list) AS seqs,
           (SELECT count(DISTINCT order_id) FROM (
              SELECT order_id, cause, changed_at FROM ledger WHERE event_id = ${eventId}::int
              ORDER BY event_id DESC, id DESC LIMIT ${ledgerEntriesMax}::int) AS newest
            WHERE cause = 'offer' AND changed_at > now() - ${offersWithinSeconds}::int * interval '1 second')::int
             AS "offeredCount"`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("a query without a table returned no row");
  return row;
}
