// Remembers the digest of a key that all processes must share: the first process that has the key writes it. No locks
// but that of the new row. Index used: the primary key of key_digests. A second run changes nothing.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** @returns false when the database was used with another key before */
export async function claimKey(db: Db, name: string, digest: Buffer): Promise<boolean> {
  await sql`
    INSERT INTO key_digests (name, digest) VALUES (${name}, ${digest}) ON CONFLICT (name) DO NOTHING`.execute(db);
  const { rows } = await sql<{ isSame: boolean }>`
    SELECT digest = ${digest}::bytea AS "isSame" FROM key_digests WHERE name = ${name}`.execute(db);
  return rows[0]?.isSame === true;
}
