// Makes decisions slow, as on a machine that is too small for a sale. A crowd of ten times what is decided is then one
// that the same machine can send.
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";

/**
 * Lets the database take so long for each order that a statement changes, however many it changes at a time. It waits
 * without using the processor.
 *
 * @returns makes it fast again
 */
export async function slowDecisions(db: Db, msPerOrder: number): Promise<() => Promise<void>> {
  const body = `BEGIN
    PERFORM pg_sleep(${msPerOrder / 1_000} * (SELECT count(*) FROM changed));
    RETURN NULL;
  END`;
  await sql`CREATE FUNCTION slow_decisions() RETURNS trigger LANGUAGE plpgsql AS ${sql.lit(body)}`.execute(db);
  await sql`CREATE TRIGGER slow_decisions AFTER UPDATE ON orders REFERENCING NEW TABLE AS changed
            EXECUTE FUNCTION slow_decisions()`.execute(db);
  return async () => {
    await sql`DROP FUNCTION slow_decisions CASCADE`.execute(db);
  };
}
