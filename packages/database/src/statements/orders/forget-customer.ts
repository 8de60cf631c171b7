// Erases a customer's reference from their orders, and from the webhooks about these, in one transaction for a part of
// the orders. Figures, fingerprints and versions stay. Limits per customer find the orders by their hash from then on.
//
// Locks: those of delivery-bodies.ts, so that no body with the reference is made meanwhile; then the orders' rows. Rows
// that another transaction has locked are left for the next run: the worker locks orders in another order, and to wait
// for them could be a deadlock. Indexes used: orders_by_customer, the primary key of orders,
// webhook_deliveries_by_order, the primary key of webhook_attempts. A second run finds no orders.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { takeBodyLocks } from "../deliveries/delivery-bodies.ts";

export type CustomerToForget = Readonly<{
  accountId: number;
  customerRef: string;
  /** The hash that limits count the customer under; null when the installation has no key for it. */
  customer: Buffer | null;
}>;

export type ForgottenOrders = Readonly<{
  count: number;
  /** Whether orders with the reference are left. */
  hasMore: boolean;
}>;

/** @param countMax orders at most */
export function forgetCustomer(
  db: Db,
  { accountId, customerRef, customer }: CustomerToForget,
  countMax: number,
): Promise<ForgottenOrders> {
  const ofCustomer = sql`account_id = ${accountId}::int AND customer_ref COLLATE "C" = ${customerRef}::text`;
  return db.transaction().execute(async (tx) => {
    await takeBodyLocks(tx);
    const { rows } = await sql<{ id: string }>`
      SELECT id FROM orders WHERE ${ofCustomer} ORDER BY seq LIMIT ${countMax}::int FOR UPDATE SKIP LOCKED`.execute(tx);
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0) {
      await sql`
      WITH forgotten AS (
        UPDATE orders
        SET customer_ref = NULL, customer = coalesce(customer, decode(terms ->> 'customer', 'hex'), ${customer}::bytea)
        WHERE id = ANY(${ids}::uuid[])
        RETURNING event_id, customer, id
      )
      INSERT INTO forgotten_orders (event_id, customer, order_id)
      SELECT event_id, customer, id FROM forgotten WHERE customer IS NOT NULL`.execute(tx);
      await eraseFromWebhooks(tx, ids, customerRef);
    }
    const { rows: left } = await sql<{ hasMore: boolean }>`
      SELECT EXISTS (SELECT FROM orders WHERE ${ofCustomer}) AS "hasMore"`.execute(tx);
    return { count: ids.length, hasMore: left[0]?.hasMore === true };
  });
}

/** Bodies are texts: only the field's value is replaced, so that nothing else of a body changes between attempts. */
async function eraseFromWebhooks(tx: Db, orderIds: readonly string[], customerRef: string): Promise<void> {
  const field = `"customerRef":${JSON.stringify(customerRef)}`;
  await sql`
      UPDATE webhook_deliveries SET body = replace(body, ${field}::text, '"customerRef":null')
      WHERE order_id = ANY(${orderIds}::uuid[]) AND strpos(body, ${field}::text) > 0`.execute(tx);
  // A receiver may have sent back what it got.
  await sql`
      UPDATE webhook_attempts a SET response_body = NULL
      FROM webhook_deliveries d
      WHERE d.order_id = ANY(${orderIds}::uuid[]) AND a.delivery_id = d.id
        AND strpos(a.response_body, ${customerRef}::text) > 0`.execute(tx);
}
