import type { Db } from "@onsale/database/client";
import { sql } from "kysely";

/** Inserts many pending orders for one STANDARD ticket each, as if buyers had purchased while no worker ran. */
export async function placePendingOrders(db: Db, eventCode: string, count: number): Promise<void> {
  await sql`
    INSERT INTO orders (id, account_id, event_id, ticket_type, quantity, strategy, idempotency_key, fingerprint)
    SELECT gen_random_uuid(), e.account_id, e.id, 'STANDARD', 1, 'optimistic', e.code || '-' || n, '\\x00'
    FROM events e, generate_series(1, ${count}::int) n WHERE e.code = ${eventCode} ORDER BY n`.execute(db);
}

/** Makes all orders of an event older, as if they had been pending for so long. */
export async function ageOrders(db: Db, eventCode: string, seconds: number): Promise<void> {
  await sql`
    UPDATE orders SET created_at = created_at - ${seconds}::int * interval '1 second'
    WHERE event_id = (SELECT id FROM events WHERE code = ${eventCode})`.execute(db);
}
