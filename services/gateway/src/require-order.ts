import type { OrderRow } from "@onsale/database/statements/order-row";
import type { Parts } from "./parts.ts";
import { ProblemError } from "./problem-error.ts";

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The account's order with this id.
 *
 * @throws ProblemError `order-not-found`, also for somebody else's
 */
export async function requireOrder(
  { orderReader }: Pick<Parts, "orderReader">,
  accountId: number,
  id: string,
): Promise<OrderRow> {
  const order = uuidPattern.test(id) ? await orderReader.read(id) : undefined;
  if (order?.accountId !== accountId) throw new ProblemError("order-not-found", "No order has this id.");
  return order;
}
