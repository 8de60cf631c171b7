// Pings an endpoint, and sends its deliveries again.
import type { Redelivered } from "@onsale/contracts/webhook";
import type { Db } from "@onsale/database/client";
import { createPing } from "@onsale/database/statements/deliveries/create-ping";
import { type DeliveryRow, getDelivery } from "@onsale/database/statements/deliveries/list-deliveries";
import { redeliver } from "@onsale/database/statements/deliveries/redeliver";
import type { WebhookRow } from "@onsale/database/statements/webhooks/webhook-row";
import { isUuid } from "@onsale/database/uuid";
import { ProblemError } from "../http/problem-error.ts";
import type { FairConnections } from "../lists/fair-connections.ts";
import { createFairSlots } from "../lists/fair-slots.ts";
import { type Position, type RedeliveryRequest, redeliverTime, redeliveryMaxMs } from "./redelivery.ts";
import type { Webhooks } from "./webhooks.ts";

type TimeToRedeliver = Omit<RedeliveryRequest, "accountId" | "endpointId" | "eventId">;

const refusals = {
  busy: "Too many deliveries are being sent again. Try again.",
  tooSlow: "The database took too long. Try again: what was done is not done twice.",
};

/**
 * Every method throws a ProblemError when it refuses the request.
 *
 * @param db for single deliveries
 * @param connections for redeliveries of a time, which may be long
 */
export function createDeliveries(db: Db, connections: FairConnections, webhooks: Webhooks) {
  /** One redelivery at a time for each endpoint: a second one would only wait for the endpoint's row. */
  const turns = createFairSlots<string>({
    countMax: Number.POSITIVE_INFINITY,
    eachCountMax: 1,
    eachWaitingMax: 10,
    waitMaxMs: redeliveryMaxMs + 1_000,
  });

  /** @returns the endpoint with its id as it is stored: it names the endpoint's lane, so it needs one spelling */
  async function requireEnabled(accountId: number, givenId: string): Promise<WebhookRow> {
    const webhook = await webhooks.get(accountId, givenId);
    if (webhook.disabledAt !== null) {
      throw new ProblemError(
        "webhook-disabled",
        'The endpoint gets no deliveries. Enable it first: PATCH {"enabled": true}.',
      );
    }
    return webhook;
  }

  async function requireDelivery(id: string, deliveryId: string): Promise<DeliveryRow> {
    const delivery = isUuid(deliveryId) ? await getDelivery(db, id, deliveryId) : undefined;
    if (delivery === undefined) throw new ProblemError("delivery-not-found", "The endpoint has no such delivery.");
    return delivery;
  }

  return {
    ping: async (accountId: number, givenId: string): Promise<DeliveryRow> => {
      const { id } = await requireEnabled(accountId, givenId);
      const deliveryId = await createPing(db, id);
      if (deliveryId === undefined) throw new ProblemError("webhook-not-found", "The endpoint was deleted.");
      return requireDelivery(id, deliveryId);
    },

    redeliverOne: async (accountId: number, givenId: string, deliveryId: string): Promise<DeliveryRow> => {
      const { id } = await requireEnabled(accountId, givenId);
      await requireDelivery(id, deliveryId);
      await redeliver(db, id, deliveryId);
      return requireDelivery(id, deliveryId);
    },

    redeliverTime: async (
      accountId: number,
      givenId: string,
      time: TimeToRedeliver,
      start: Position | undefined,
    ): Promise<Redelivered> => {
      const { id: endpointId, eventId } = await requireEnabled(accountId, givenId);
      const endTurn = await turns.take(endpointId);
      if (endTurn === undefined) throw new ProblemError("overloaded", refusals.busy);
      try {
        const request = { accountId, endpointId, eventId, ...time };
        return await redeliverTime((step) => connections.run(accountId, refusals, step), request, start);
      } finally {
        endTurn();
      }
    },
  };
}

export type Deliveries = ReturnType<typeof createDeliveries>;
