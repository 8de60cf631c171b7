// Pings an endpoint, and sends its deliveries again.
import type { Db } from "@onsale/database/client";
import { createPing } from "@onsale/database/statements/deliveries/create-ping";
import { type DeliveryRow, getDelivery } from "@onsale/database/statements/deliveries/list-deliveries";
import { redeliver } from "@onsale/database/statements/deliveries/redeliver";
import { isUuid } from "@onsale/database/uuid";
import { ProblemError } from "../http/problem-error.ts";
import type { Webhooks } from "./webhooks.ts";

/** Every method throws a ProblemError when it refuses the request. */
export function createDeliveries(db: Db, webhooks: Webhooks) {
  /** @returns the endpoint's id as it is stored: it names the endpoint's lane, so it needs one spelling */
  async function requireEnabled(accountId: number, givenId: string): Promise<string> {
    const { id, disabledAt } = await webhooks.get(accountId, givenId);
    if (disabledAt !== null) {
      throw new ProblemError(
        "webhook-disabled",
        'The endpoint gets no deliveries. Enable it first: PATCH {"enabled": true}.',
      );
    }
    return id;
  }

  async function requireDelivery(id: string, deliveryId: string): Promise<DeliveryRow> {
    const delivery = isUuid(deliveryId) ? await getDelivery(db, id, deliveryId) : undefined;
    if (delivery === undefined) throw new ProblemError("delivery-not-found", "The endpoint has no such delivery.");
    return delivery;
  }

  return {
    ping: async (accountId: number, givenId: string): Promise<DeliveryRow> => {
      const id = await requireEnabled(accountId, givenId);
      const deliveryId = await createPing(db, id);
      if (deliveryId === undefined) throw new ProblemError("webhook-not-found", "The endpoint was deleted.");
      return requireDelivery(id, deliveryId);
    },

    redeliverOne: async (accountId: number, givenId: string, deliveryId: string): Promise<DeliveryRow> => {
      const id = await requireEnabled(accountId, givenId);
      await requireDelivery(id, deliveryId);
      await redeliver(db, id, { id: deliveryId });
      return requireDelivery(id, deliveryId);
    },

    redeliverRange: async (
      accountId: number,
      givenId: string,
      range: Readonly<{ createdFrom: Date; createdBefore: Date; includeDelivered: boolean }>,
    ): Promise<number> => redeliver(db, await requireEnabled(accountId, givenId), range),
  };
}

export type Deliveries = ReturnType<typeof createDeliveries>;
