// Builds the indexes of `orders` that migrations need, without locking out writers. PostgreSQL cannot do so inside the
// migrator's transaction.
import { setTimeout as delay } from "node:timers/promises";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "./client.ts";

/** The migration that creates the table. */
const ordersMigration = "0002_orders";

type OrderIndex = Readonly<{
  /** The migration that uses the index, or creates it where it is missing. */
  migration: string;
  name: string;
  create: RawBuilder<unknown>;
}>;

const orderIndexes: readonly OrderIndex[] = [
  {
    migration: "0009_key_collation",
    name: "orders_idempotency_c",
    create: sql`
      CREATE UNIQUE INDEX CONCURRENTLY orders_idempotency_c
      ON orders (account_id, idempotency_key COLLATE "C")`,
  },
  {
    migration: "0013_orders_by_customer",
    name: "orders_by_customer",
    create: sql`
      CREATE INDEX CONCURRENTLY orders_by_customer
      ON orders (account_id, customer_ref COLLATE "C", seq) WHERE customer_ref IS NOT NULL`,
  },
];

/** The lock's key has two parts, as that of relay-outbox.ts. */
const lock = sql.raw(`${0x4f4e}, 2`);
const lockPauseMs = 100;

/**
 * Builds the indexes that the missing migrations need, one after the other, unless they exist. It waits for
 * transactions that began before it. A new database needs none: its migrations find an empty table.
 *
 * @param db a pool whose statements may take long
 * @param missing the names of the migrations that are not applied
 */
export async function buildOrderIndexes(db: Db, missing: readonly string[]): Promise<void> {
  const needed = orderIndexes.filter(({ migration }) => missing.includes(migration));
  if (needed.length === 0 || missing.includes(ordersMigration)) return;
  await db.connection().execute(async (session) => {
    // A session that waits inside of a statement has a snapshot, for which the index would wait in turn.
    while (!(await tryLock(session))) await delay(lockPauseMs);
    try {
      for (const index of needed) await build(session, index);
    } finally {
      await sql`SELECT pg_advisory_unlock(${lock})`.execute(session);
    }
  });
}

async function build(session: Db, index: OrderIndex): Promise<void> {
  const { isApplied, isValid } = await readState(session, index);
  if (isApplied || isValid === true) return;
  // What an earlier start left that was interrupted.
  if (isValid === false) await sql`DROP INDEX CONCURRENTLY ${sql.table(index.name)}`.execute(session);
  await index.create.execute(session);
}

async function tryLock(session: Db): Promise<boolean> {
  const { rows } = await sql<{ isMine: boolean }>`SELECT pg_try_advisory_lock(${lock}) AS "isMine"`.execute(session);
  return rows[0]?.isMine === true;
}

type State = Readonly<{ isApplied: boolean; isValid: boolean | null }>;

/** `isApplied` when another process has migrated meanwhile; `isValid` is null without an index. */
async function readState(session: Db, { migration, name }: OrderIndex): Promise<State> {
  const { rows } = await sql<State>`
    SELECT (SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(${name})) AS "isValid",
           EXISTS (SELECT FROM kysely_migration WHERE name = ${migration}) AS "isApplied"`.execute(session);
  const [state] = rows;
  if (state === undefined) throw new Error("a SELECT of one row returned none");
  return state;
}
