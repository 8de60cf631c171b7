// The most that Fastify can do on this machine: the purchase route, validated and serialised like the gateway's, which
// answers at once with an order and stores nothing.
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { newUuidV7 } from "@onsale/database/uuid";
import { type Outcome, plainOrder, servePurchases } from "../contestants/purchase-app.ts";

await servePurchases(async (purchase): Promise<Outcome> => {
  const { eventCode, ticketType = null, quantity = 1, customerRef = null } = purchase;
  const order: OrderRow = {
    ...plainOrder,
    id: newUuidV7(),
    seq: 0,
    accountId: 1,
    eventId: 1,
    eventCode,
    ticketType,
    quantity,
    customerRef,
    createdAt: new Date(),
    strategy: "optimistic",
    status: "PENDING",
    reason: null,
    decidedAt: null,
    version: 1,
  };
  return { kind: "order", order };
});
process.exit(0);
