import type { Db } from "@onsale/database/client";
import { getOrders } from "@onsale/database/statements/get-orders";
import type { OrderRow } from "@onsale/database/statements/order-row";
import { createGrouper } from "./grouper.ts";

/** Reads single orders for polls, waiters and streams; all that ask in the same moment share one query. */
export type OrderReader = Readonly<{
  /**
   * Whoever's the order is: the caller compares its account.
   *
   * @returns undefined when there is none with this id
   * @throws the error of the query
   */
  read: (id: string) => Promise<OrderRow | undefined>;
}>;

/** Queries on their way at a time; they leave connections to the other routes. */
const slotCount = 2;
const groupCountMax = 1_000;

type Question = Readonly<{
  id: string;
  resolve: (order: OrderRow | undefined) => void;
  reject: (error: unknown) => void;
}>;

export function createOrderReader(db: Db): OrderReader {
  async function serve(group: readonly Question[]): Promise<void> {
    try {
      const orders = await getOrders(db, [...new Set(group.map(({ id }) => id))]);
      const byId = new Map(orders.map((order) => [order.id, order]));
      for (const { id, resolve } of group) resolve(byId.get(id));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  const grouper = createGrouper({ slotCount, groupCountMax, serve });
  return {
    read: (id) => {
      const { promise, resolve, reject } = Promise.withResolvers<OrderRow | undefined>();
      // PostgreSQL gives ids in lower case.
      grouper.add({ id: id.toLowerCase(), resolve, reject });
      return promise;
    },
  };
}
