// Keeps decisions in arrival order across several gateways. `seq` is drawn when an order is inserted, but an order
// becomes visible when its transaction commits, so an earlier order than a visible one may still be invisible. To
// decide the later one first would break invariant 5 of docs/invariants.md (decisions follow arrival).
//
// So every insert first takes a shared advisory lock whose key carries the last `seq` drawn so far; all numbers that
// it draws itself are higher. The allocator reads that same counter and then the keys of the locks that are taken. The
// lowest of all these is the arrival floor: every order up to it is committed or will never be, and only those orders
// are decided. No transaction waits for another. PostgreSQL releases an advisory lock after its transaction has become
// visible, so a statement that begins after the floor was read sees every order up to the floor.
//
// Two other ways were rejected on paper: an exclusive lock per event around reading (every batch would wait for the
// inserts in flight, and they for it), and ordering by transaction id (one long transaction anywhere in the server
// would stop all sales).
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** The upper 16 bits of the locks' 64-bit keys, "ON": other programs may use advisory locks, too. */
const tag = 0x4f4en;
/** The lower 48 bits are a `seq`. */
const seqBits = 48n;
const keyBase = sql.raw(String(tag << seqBits));
const seqMask = sql.raw(String((1n << seqBits) - 1n));

/** The last `seq` that was drawn; the `last_value` of a sequence that was never used is the one that it gives next. */
const lastDrawn = sql`last_value - (NOT is_called)::int`;

/** Takes the lock and returns one row. A statement must evaluate it before it draws a `seq`. */
export const takeArrivalLock = sql`SELECT pg_advisory_xact_lock_shared(${keyBase} + ${lastDrawn}) FROM orders_seq_seq`;

/**
 * Reads the arrival floor; 0 when no order may be decided. Only orders up to it may be decided, by a statement that
 * begins after this one. The locks are read in a subquery that needs the counter's value, so the counter is read
 * first: an insert that takes its lock later draws numbers above it. The tag is a parameter because only statements
 * with parameters are prepared (preparing-client.ts), and this one runs for every batch.
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
