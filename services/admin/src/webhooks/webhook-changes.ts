// Pings endpoints, sends deliveries again, and disables and enables endpoints for the people of the console, with the
// statements of the gateways and the same waits. Each change is written to the account's activity log, in its own
// transaction. The secrets of endpoints are neither read nor made here.
import type { Db } from "@onsale/database/client";
import { classify, withContentionRetries } from "@onsale/database/errors";
import { type NewAccountActivity, writeAccountActivity } from "@onsale/database/statements/access/account-activities";
import { createPing } from "@onsale/database/statements/deliveries/create-ping";
import { getDelivery } from "@onsale/database/statements/deliveries/list-deliveries";
import { redeliver } from "@onsale/database/statements/deliveries/redeliver";
import { changeWebhook } from "@onsale/database/statements/webhooks/change-webhook";
import { getWatchedEndpoint, type WatchedEndpoint } from "@onsale/database/statements/webhooks/watch-endpoints";
import { HttpError } from "../errors/http-error.ts";

/** What is changed, and by which user of the console. */
export type ChangedEndpoint = Readonly<{ endpointId: string; user: string }>;

type WebhookChangesOptions = Readonly<{
  /** Its sessions give up a lock that they wait for. */
  db: Db;
  /** Resolves once nothing more is posted to an endpoint that was disabled. */
  untilPostsStopped: (endpointId: string) => Promise<void>;
  onRetry: (sqlstate: string) => void;
}>;

export type WebhookChanges = ReturnType<typeof createWebhookChanges>;

/** Each returns what was done, in a sentence, and throws an `HttpError` when it cannot be done. */
export function createWebhookChanges({ db, untilPostsStopped, onRetry }: WebhookChangesOptions) {
  async function requireEndpoint(id: string): Promise<WatchedEndpoint> {
    const endpoint = await getWatchedEndpoint(db, id);
    if (endpoint === undefined) throw new HttpError(404, "There is no webhook endpoint with this id.");
    return endpoint;
  }

  async function requireEnabled(id: string): Promise<WatchedEndpoint> {
    const endpoint = await requireEndpoint(id);
    if (endpoint.disabledAt === null) return endpoint;
    throw new HttpError(409, "The endpoint is disabled, so nothing is sent to it. Enable it first.");
  }

  /**
   * Runs a change and writes it to the log, or does neither.
   *
   * @param change returns whether it found what it changes
   */
  function changeAndLog(
    { accountId, id }: WatchedEndpoint,
    user: string,
    entry: Pick<NewAccountActivity, "action" | "detail">,
    change: (tx: Db) => Promise<boolean>,
  ): Promise<void> {
    const run = () =>
      db.transaction().execute(async (tx) => {
        if (!(await change(tx))) throw new HttpError(404, "The endpoint was deleted meanwhile.");
        await writeAccountActivity(tx, { accountId, actor: `console ${user}`, subject: id, ...entry });
      });
    return withContentionRetries(run, onRetry).catch((error: unknown) => {
      const isContention = error instanceof Error && classify(error) === "contention";
      throw isContention ? new HttpError(503, "Another change of this endpoint is being made; try again.") : error;
    });
  }

  return {
    ping: async ({ endpointId, user }: ChangedEndpoint): Promise<string> => {
      const endpoint = await requireEnabled(endpointId);
      await changeAndLog(endpoint, user, { action: "webhook-pinged", detail: {} }, async (tx) => {
        return (await createPing(tx, endpoint.id)) !== undefined;
      });
      return "A ping is being sent; its delivery shows the answer.";
    },

    redeliver: async ({ endpointId, user }: ChangedEndpoint, deliveryId: string): Promise<string> => {
      const endpoint = await requireEnabled(endpointId);
      const delivery = await getDelivery(db, endpoint.id, deliveryId);
      if (delivery === undefined) throw new HttpError(404, "The endpoint has no such delivery.");
      const { id, type, orderId } = delivery;
      const entry = { action: "delivery-sent-again", detail: { delivery: id, type, orderId } } as const;
      await changeAndLog(endpoint, user, entry, (tx) => redeliver(tx, endpoint.id, id));
      return "It is sent again at once, under the same webhook-id.";
    },

    disable: async ({ endpointId, user }: ChangedEndpoint): Promise<string> => {
      const endpoint = await requireEndpoint(endpointId);
      if (endpoint.disabledAt !== null) throw new HttpError(409, "The endpoint is disabled already.");
      await changeAndLog(endpoint, user, { action: "webhook-disabled", detail: {} }, (tx) =>
        changeWebhook(tx, endpoint.accountId, endpoint.id, { enabled: false }),
      );
      await untilPostsStopped(endpoint.id);
      return "The endpoint is disabled: nothing more is posted to it.";
    },

    enable: async ({ endpointId, user }: ChangedEndpoint): Promise<string> => {
      const endpoint = await requireEndpoint(endpointId);
      if (endpoint.disabledAt === null) throw new HttpError(409, "The endpoint is enabled already.");
      await changeAndLog(endpoint, user, { action: "webhook-enabled", detail: {} }, (tx) =>
        changeWebhook(tx, endpoint.accountId, endpoint.id, { enabled: true }),
      );
      return "The endpoint is enabled: what is due is sent now. What it has missed meanwhile is not; the API can send that.";
    },
  };
}
