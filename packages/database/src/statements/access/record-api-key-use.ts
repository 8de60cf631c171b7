// Records that API keys were used: at most once a minute for each key, however many gateways there are. Locks: the
// keys' rows, in the order of their ids, so that two gateways cannot deadlock. Index used: the primary key. A second
// run within the minute changes nothing.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export async function recordApiKeyUse(db: Db, ids: readonly string[]): Promise<void> {
  await sql`
    UPDATE api_keys SET last_used_at = clock_timestamp()
    WHERE id IN (
      SELECT id FROM api_keys
      WHERE id = ANY(${ids}::text[])
        AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')
      ORDER BY id FOR UPDATE)`.execute(db);
}
