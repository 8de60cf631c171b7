import type { Db } from "@onsale/database/client";
import { sql } from "kysely";

/** Inserts many pending orders for one STANDARD ticket each, as if buyers had purchased while no worker ran. */
export async function placePendingOrders(db: Db, eventCode: string, count: number): Promise<void> {
  await sql`
    INSERT INTO orders (id, account_id, event_id, ticket_type, quantity, strategy, idempotency_key, fingerprint)
    SELECT gen_random_uuid(), e.account_id, e.id, 'STANDARD', 1, 'optimistic', e.code || '-' || n, '\\x00'
    FROM events e, generate_series(1, ${count}::int) n WHERE e.code = ${eventCode} ORDER BY n`.execute(db);
}
