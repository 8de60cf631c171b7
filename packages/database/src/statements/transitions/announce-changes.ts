// Notifies gateways of orders that changed after their first decision, and workers of buckets where tickets came back.
// Writes nothing. Lock: PostgreSQL's own, which every transaction with a NOTIFY takes for its commit. A second run
// makes them check once more.
import { sql } from "kysely";
import { changedChannel, changedPayloads, returnedChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";

export async function announceChanges(db: Db, orderIds: readonly string[], buckets: readonly number[]): Promise<void> {
  await sql`
    SELECT (SELECT count(pg_notify(${changedChannel}, payload))
            FROM unnest(${changedPayloads(orderIds)}::text[]) AS payload),
           CASE WHEN ${buckets.length > 0}::bool THEN pg_notify(${returnedChannel}, ${buckets.join(",")}) END`.execute(
    db,
  );
}
