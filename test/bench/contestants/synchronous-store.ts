// The parts that both synchronous designs share: connections, known events and prepared statements.
import type { Purchase, Strategy } from "@onsale/contracts/order";
import { createPool } from "@onsale/database/client";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { newUuidV7 } from "@onsale/database/uuid";
import type { Pool, PoolClient } from "pg";
import { plainOrder } from "./purchase-app.ts";

export type SynchronousOrder = Readonly<{ id: string; eventId: number; purchase: Purchase; key: string }>;

/** Opens a pool of POOL_SIZE connections to DATABASE_URL. */
export function openStore(environment: NodeJS.ProcessEnv): Pool {
  const { DATABASE_URL: url = "", POOL_SIZE = "16" } = environment;
  // No time-out: under load a request waits long for a free connection.
  const pool = createPool({
    url,
    connectionCountMax: Number(POOL_SIZE),
    applicationName: "synchronous",
    statementTimeoutMs: 60_000,
  });
  pool.options.connectionTimeoutMillis = 0;
  return pool;
}

/** Finds an event's id; ids never change, so each is queried once. */
export function createEventFinder(pool: Pool): (code: string) => Promise<number | undefined> {
  const known = new Map<string, Promise<number | undefined>>();
  return (code) => {
    let id = known.get(code);
    if (id === undefined) {
      id = pool.query("SELECT id FROM events WHERE code = $1", [code]).then(({ rows }) => rows[0]?.id);
      known.set(code, id);
    }
    return id;
  };
}

export function newOrder(eventId: number, purchase: Purchase, key: string): SynchronousOrder {
  return { id: newUuidV7(), eventId, purchase, key };
}

/** @returns when the order was created; undefined when its key already has an order */
export async function insertOrder(client: PoolClient, order: SynchronousOrder): Promise<Date | undefined> {
  const { id, eventId, purchase, key } = order;
  const { rows } = await client.query({
    name: "insert",
    text: `INSERT INTO lean_orders (id, event_id, ticket_type, quantity, status, idempotency_key)
           VALUES ($1, $2, $3, $4, 'CONFIRMED', $5) ON CONFLICT (idempotency_key) DO NOTHING RETURNING created_at`,
    values: [id, eventId, purchase.ticketType, purchase.quantity, key],
  });
  return rows[0]?.created_at;
}

/** The existing order with the key. */
export async function findByKey(pool: Pool, { eventId, purchase, key }: SynchronousOrder, strategy: Strategy) {
  const { rows } = await pool.query({
    name: "find",
    text: "SELECT id, created_at FROM lean_orders WHERE idempotency_key = $1",
    values: [key],
  });
  const { id, created_at: createdAt } = rows[0];
  return confirmed({ id, eventId, purchase, key }, strategy, createdAt);
}

/** A confirmed order as the API presents it. */
export function confirmed({ id, eventId, purchase }: SynchronousOrder, strategy: Strategy, createdAt: Date): OrderRow {
  const { eventCode, ticketType = null, quantity = 1, customerRef = null } = purchase;
  return {
    ...plainOrder,
    id,
    seq: 0,
    accountId: 1,
    eventId,
    eventCode,
    ticketType,
    quantity,
    strategy,
    customerRef,
    createdAt,
    status: "CONFIRMED",
    reason: null,
    decidedAt: createdAt,
    version: 1,
  };
}
