// First come first served across several gateways: `seq` is drawn when an order is inserted, but orders become
// visible when their transactions commit, so a visible order may have an earlier one that is still on its way.
// Deciding it first would break invariant 5 of docs/invariants.md (decisions follow arrival).
//
// So every insert first takes a shared advisory lock whose key carries the last `seq` drawn so far; all that it draws
// itself is higher. The allocator reads that same counter and then the keys of the locks that are held: whatever is
// at or below the lowest of them, the arrival floor, is committed or gone for good, and only that is decided.
// Nobody waits for anybody. An advisory lock is released after its transaction became visible, which makes a
// statement that begins after the floor was read see every order up to the floor.
//
// Tried on paper and rejected: an exclusive lock per event around reading (every batch would wait for the inserts in
// flight, and they for it), and ordering by transaction id (one long transaction anywhere in the server would stop all
// sales).
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** The upper 16 bits of the locks' 64-bit keys, "ON", so that other users of advisory locks are not in the way. */
const tag = 0x4f4en;
/** The lower 48 bits are a `seq`. */
const seqBits = 48n;
const keyBase = sql.raw(String(tag << seqBits));
const seqMask = sql.raw(String((1n << seqBits) - 1n));

/** The last `seq` that was drawn; a sequence that was never used stands on the value that it will give next. */
const lastDrawn = sql`last_value - (NOT is_called)::int`;

/** One row; has the lock when it is read. Must be evaluated before the statement draws a `seq`. */
export const enterArrival = sql`
  SELECT pg_advisory_xact_lock_shared(${keyBase} + ${lastDrawn}) FROM orders_seq_seq`;

/**
 * Only orders up to this `seq` may be decided, by a statement that begins after this one. The locks are read in a subquery
 * that needs the counter's value, so the counter is read first: an insert that takes its lock later draws numbers above it.
 * The tag is a parameter because only statements with parameters are prepared (client.ts), and this one is asked all the time.
 */
export async function readArrivalFloor(db: Db): Promise<number> {
  const { rows } = await sql<{ floor: number }>`
    SELECT (
      SELECT least(drawn.seq, min(((lock.classid::bigint << 32) | lock.objid::bigint) & ${seqMask}))
      FROM pg_locks lock
      WHERE lock.locktype = 'advisory' AND lock.objsubid = 1
        AND lock.classid::bigint >> 16 = ${tag}
        AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND drawn.seq IS NOT NULL
    ) AS floor
    FROM (SELECT ${lastDrawn} AS seq FROM orders_seq_seq OFFSET 0) AS drawn`.execute(db);
  return rows[0]?.floor ?? 0;
}
