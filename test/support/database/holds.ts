import type { Db } from "@onsale/database/client";
import { sql } from "kysely";

/** Lets the hold of an order expire now. The worker finds that within a second, by the reconciler's check. */
export async function expireHold(db: Db, orderId: string): Promise<void> {
  await sql`
    WITH of_order AS (UPDATE orders SET expires_at = now() WHERE id = ${orderId}::uuid)
    UPDATE holds SET expires_at = now() WHERE order_id = ${orderId}::uuid`.execute(db);
}
