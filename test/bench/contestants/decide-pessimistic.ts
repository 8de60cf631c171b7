// The original's pessimistic strategy: lock and read the stock row, update it, insert the order, commit; other
// purchases of the row wait for its lock. It improves on the original: statements are prepared, the unique key of the
// order detects replays without a separate query, and stock and order are one transaction.
import type { Pool } from "pg";
import type { DecidePurchase, Outcome } from "./purchase-app.ts";
import { confirmed, createEventFinder, findByKey, insertOrder, newOrder } from "./synchronous-store.ts";

export function createPessimistic(pool: Pool): DecidePurchase {
  const findEvent = createEventFinder(pool);
  return async (purchase, key): Promise<Outcome> => {
    const eventId = await findEvent(purchase.eventCode);
    if (eventId === undefined) return { kind: "refused", code: "not-found" };
    const order = newOrder(eventId, purchase, key);
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      const { rows } = await client.query({
        name: "lock",
        text: "SELECT total - sold AS available FROM lean_stock WHERE event_id = $1 AND ticket_type = $2 FOR UPDATE",
        values: [eventId, purchase.ticketType],
      });
      if (rows[0] === undefined || rows[0].available < (purchase.quantity ?? 1)) {
        await client.query("ROLLBACK");
        return { kind: "refused", code: "sold-out" };
      }
      await client.query({
        name: "take",
        text: "UPDATE lean_stock SET sold = sold + $3 WHERE event_id = $1 AND ticket_type = $2",
        values: [eventId, purchase.ticketType, purchase.quantity],
      });
      const createdAt = await insertOrder(client, order);
      if (createdAt !== undefined) {
        await client.query("COMMIT");
        return { kind: "order", order: confirmed(order, "pessimistic", createdAt) };
      }
      await client.query("ROLLBACK");
    } finally {
      client.release();
    }
    return { kind: "order", order: await findByKey(pool, order, "pessimistic") };
  };
}
