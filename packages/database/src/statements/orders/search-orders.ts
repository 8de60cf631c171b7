// Finds orders by what people have in hand: the order's id, the customer, the idempotency key or the payment, of any
// account, for the console. No locks. Indexes used: the primary keys of orders and accounts, orders_idempotency,
// orders_by_customer, payments_by_reference. One look-up of each index per account: 1,000 accounts take some 10 ms.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { isUuid } from "../../uuid.ts";
import { type OrderRow, selectOrders } from "./order-row.ts";

/**
 * The orders that have exactly this text as id, customer, key or payment, the newest first.
 *
 * @param countMax orders of all kinds together
 */
export async function searchOrders(db: Db, text: string, countMax: number): Promise<OrderRow[]> {
  const id = isUuid(text) ? text : null;
  const found = sql<boolean>`orders.id = ANY(ARRAY(
        SELECT id FROM (
          SELECT id, seq FROM orders WHERE id = ${id}::uuid
          UNION
          SELECT own.id, own.seq FROM accounts CROSS JOIN LATERAL (
            (SELECT id, seq FROM orders
             WHERE account_id = accounts.id AND idempotency_key = ${text}::text OFFSET 0)
            UNION ALL
            (SELECT id, seq FROM orders
             WHERE account_id = accounts.id AND customer_ref COLLATE "C" = ${text}::text
             ORDER BY seq DESC LIMIT ${countMax}::int)
            UNION ALL
            (SELECT paid.id, paid.seq FROM payments
             CROSS JOIN LATERAL (SELECT * FROM orders WHERE orders.id = payments.order_id OFFSET 0) AS paid
             WHERE payments.account_id = accounts.id AND payments.reference = ${text}::text)
          ) AS own
        ) AS matching ORDER BY seq DESC LIMIT ${countMax}::int))`;
  return selectOrders(db).where(found).orderBy("orders.seq", "desc").execute();
}
