// Reads single orders. Reads that come together share a query, and all reject when it fails.
import type { Db } from "@onsale/database/client";
import {
  findOrdersByKey,
  type KeyedOrder,
  type KeyRef,
  keyText,
} from "@onsale/database/statements/orders/find-orders-by-key";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { isUuid } from "@onsale/database/uuid";
import { createGroupedRead } from "../batching/grouped-read.ts";
import { ProblemError } from "../http/problem-error.ts";

export type OrderReader = Readonly<{
  /** For polls, waiters and streams. Reads orders of all accounts: the caller compares the account. */
  read: (id: string) => Promise<OrderRow | undefined>;
  /** For purchases of a sold-out ticket type, which are answered only when their key has an order. */
  findByKey: (key: KeyRef) => Promise<KeyedOrder | undefined>;
}>;

const slotCount = 2;
const groupSizeMax = 1_000;

export function createOrderReader(db: Db): OrderReader {
  const read = createGroupedRead({
    slotCount,
    groupSizeMax,
    readAll: async (ids: readonly string[]) => {
      const orders = await getOrders(db, [...new Set(ids)]);
      const byId = new Map(orders.map((order) => [order.id, order]));
      return (id) => byId.get(id);
    },
  });
  const findByKey = createGroupedRead({
    slotCount,
    groupSizeMax,
    readAll: async (keys: readonly KeyRef[]) => {
      const byKey = new Map((await findOrdersByKey(db, keys)).map((order) => [keyText(order), order]));
      return (key) => byKey.get(keyText(key));
    },
  });
  // PostgreSQL returns ids in lower case.
  return { read: (id) => read(id.toLowerCase()), findByKey };
}

/**
 * Reads an order of an account.
 *
 * @throws ProblemError `order-not-found`, also for an order of another account
 */
export async function requireOrder(
  reader: Pick<OrderReader, "read">,
  accountId: number,
  id: string,
): Promise<OrderRow> {
  const order = isUuid(id) ? await reader.read(id) : undefined;
  if (order?.accountId !== accountId) throw new ProblemError("order-not-found", "No order has this id.");
  return order;
}
