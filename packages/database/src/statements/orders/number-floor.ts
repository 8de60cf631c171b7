// A floor of the orders' sequence: the number up to which everything that drew a number is committed or will never be.
// A number is drawn when a row is written, but the row becomes visible when its transaction commits.
//
// So every writer first takes a shared advisory lock whose key carries the last number drawn so far; all numbers that
// it draws itself are higher. A reader reads that same counter and then the keys of the locks that are taken: the
// lowest of all these is the floor. No transaction waits for another. PostgreSQL releases an advisory lock after its
// transaction has become visible, so a statement that begins after the floor was read sees everything up to the floor.
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";

/** The lower bits of a lock's 64-bit key are a number of the sequence; the upper ones are the tag. */
const numberBits = 48n;
const numberMask = sql.raw(String((1n << numberBits) - 1n));

/** The last number that was drawn; the `last_value` of a sequence that was never used is the one that it gives next. */
const lastDrawn = sql`last_value - (NOT is_called)::int`;

export type NumberFloor = Readonly<{
  /** Takes the lock and returns one row. A statement must evaluate it before it draws a number. */
  takeLock: RawBuilder<unknown>;
  /** Reads the floor; 0 when nothing is known to be complete. */
  read: (db: Db) => Promise<number>;
}>;

/**
 * @param tag the upper 16 bits of the locks' keys, different for each kind of writer: other programs may use advisory
 *   locks, too
 */
export function createNumberFloor(tag: bigint): NumberFloor {
  const keyBase = sql.raw(String(tag << numberBits));
  return {
    takeLock: sql`SELECT pg_advisory_xact_lock_shared(${keyBase} + ${lastDrawn}) FROM orders_seq_seq`,
    // The locks are read in a subquery that needs the counter's value, so the counter is read first: a writer that
    // takes its lock later draws numbers above it. The tag is a parameter because only statements with parameters are
    // prepared (preparing-client.ts), and this one runs for every batch.
    read: async (db) => {
      const { rows } = await sql<{ floor: number }>`
    SELECT (
      SELECT least(drawn.seq, min(((lock.classid::bigint << 32) | lock.objid::bigint) & ${numberMask}))
      FROM pg_locks lock
      WHERE lock.locktype = 'advisory' AND lock.objsubid = 1
        AND lock.classid::bigint >> 16 = ${Number(tag)}
        AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND drawn.seq IS NOT NULL
    ) AS floor
    FROM (SELECT ${lastDrawn} AS seq FROM orders_seq_seq OFFSET 0) AS drawn`.execute(db);
      return rows[0]?.floor ?? 0;
    },
  };
}
