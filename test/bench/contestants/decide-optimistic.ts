// The original's optimistic strategy: read the stock row with its version, and update it only if the version is still
// the same; make up to three attempts, and then answer 409. It improves on the original: conflicts are retried (the
// original catches the wrong exception, so its retry never runs), statements are prepared, nothing is locked before the
// update, and stock and order are one transaction.
import type { Pool, PoolClient } from "pg";
import type { DecidePurchase, Outcome } from "./purchase-app.ts";
import {
  confirmed,
  createEventFinder,
  findByKey,
  insertOrder,
  newOrder,
  type SynchronousOrder,
} from "./synchronous-store.ts";

const attemptCountMax = 3;

export function createOptimistic(pool: Pool): DecidePurchase {
  const findEvent = createEventFinder(pool);
  return async (purchase, key): Promise<Outcome> => {
    const eventId = await findEvent(purchase.eventCode);
    if (eventId === undefined) return { kind: "refused", code: "not-found" };
    const order = newOrder(eventId, purchase, key);
    const client = await pool.connect();
    try {
      for (let attempt = 1; attempt <= attemptCountMax; attempt++) {
        const result = await attemptOnce(client, order);
        if (result === "sold-out") return { kind: "refused", code: "sold-out" };
        if (result instanceof Date) return { kind: "order", order: confirmed(order, "optimistic", result) };
        if (result === "replayed") break;
        if (attempt === attemptCountMax) return { kind: "refused", code: "conflict" };
      }
    } finally {
      client.release();
    }
    return { kind: "order", order: await findByKey(pool, order, "optimistic") };
  };
}

/** @returns when the order was created, or why it was not */
async function attemptOnce(
  client: PoolClient,
  order: SynchronousOrder,
): Promise<Date | "conflict" | "sold-out" | "replayed"> {
  const { eventId, purchase } = order;
  const { rows } = await client.query({
    name: "read",
    text: "SELECT total - sold AS available, version FROM lean_stock WHERE event_id = $1 AND ticket_type = $2",
    values: [eventId, purchase.ticketType],
  });
  const [stock] = rows;
  if (stock === undefined || stock.available < (purchase.quantity ?? 1)) return "sold-out";
  await client.query("BEGIN");
  const { rowCount } = await client.query({
    name: "take",
    text: `UPDATE lean_stock SET sold = sold + $3, version = version + 1
           WHERE event_id = $1 AND ticket_type = $2 AND version = $4`,
    values: [eventId, purchase.ticketType, purchase.quantity, stock.version],
  });
  const createdAt = rowCount === 1 ? await insertOrder(client, order) : undefined;
  await client.query(createdAt === undefined ? "ROLLBACK" : "COMMIT");
  if (createdAt !== undefined) return createdAt;
  return rowCount === 1 ? "replayed" : "conflict";
}
