// Finds the orders that were first with their idempotency keys, for replays. No locks. Indexes used:
// orders_idempotency, the primary keys of orders and events.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { type OrderRow, selectOrders } from "./order-row.ts";

/** An idempotency key, which is unique within its account. */
export type KeyRef = Readonly<{ accountId: number; idempotencyKey: string }>;

/** One text for each key, for maps. */
export function keyText({ accountId, idempotencyKey }: KeyRef): string {
  return `${accountId}:${idempotencyKey}`;
}

/** An order with what it takes to recognise a replay; `fingerprint` in hexadecimal. */
export type KeyedOrder = OrderRow & KeyRef & Readonly<{ fingerprint: string }>;

/** The orders with these keys that exist, in no particular order. */
export function findOrdersByKey(db: Db, keys: readonly KeyRef[]): Promise<KeyedOrder[]> {
  const accounts = keys.map((key) => key.accountId);
  const texts = keys.map((key) => key.idempotencyKey);
  return selectOrders(db)
    .select("orders.idempotency_key as idempotencyKey")
    .select(sql<string>`encode(orders.fingerprint, 'hex')`.as("fingerprint"))
    .where(
      sql<boolean>`orders.id = ANY(ARRAY(
        SELECT found.id
        FROM unnest(${accounts}::int[], ${texts}::text[]) AS requested (account_id, key)
        CROSS JOIN LATERAL (
          SELECT o.id FROM orders o
          WHERE o.account_id = requested.account_id AND o.idempotency_key = requested.key OFFSET 0
        ) AS found))`,
    )
    .execute();
}
