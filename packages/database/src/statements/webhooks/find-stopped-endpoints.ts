// Finds which of some webhook endpoints may not be posted to any more: they are disabled, or deleted. No locks. Index
// used: the primary key. A second run reads again.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export async function findStoppedEndpoints(db: Db, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT given.id FROM unnest(${ids}::uuid[]) AS given(id)
    WHERE NOT EXISTS (SELECT FROM webhook_endpoints w WHERE w.id = given.id AND w.disabled_at IS NULL)`.execute(db);
  return rows.map(({ id }) => id);
}
