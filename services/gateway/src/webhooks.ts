import { type NewWebhook, type RotatedSecret, type WebhookChange, webhookTypes } from "@onsale/contracts/webhook";
import { changeWebhook } from "@onsale/database/statements/change-webhook";
import { createWebhook, webhookCountMax } from "@onsale/database/statements/create-webhook";
import { getWebhook } from "@onsale/database/statements/get-webhooks";
import { rotateWebhookSecret } from "@onsale/database/statements/rotate-webhook-secret";
import type { WebhookRow } from "@onsale/database/statements/webhook-row";
import { newWebhookSecret, sealSecret } from "@onsale/domain/webhook-secret";
import { requireCatalogueEvent } from "./catalogue.ts";
import type { Parts } from "./parts.ts";
import { ProblemError } from "./problem-error.ts";
import { uuidPattern } from "./require-order.ts";
import { newUuidV7 } from "./uuid-v7.ts";
import { requireWebhookTarget } from "./webhook-target.ts";

const rotationOverlapHours = 24;

/** Webhook endpoints of accounts. Every method throws ProblemError for what the caller did wrong. */
export function createWebhooks({ db, catalogue, webhookKey, webhookAllowPrivate }: Parts) {
  const findEventId = async (accountId: number, code: string) =>
    (await requireCatalogueEvent(catalogue, accountId, code)).id;

  function newSealedSecret(id: string) {
    if (webhookKey === undefined) {
      throw new ProblemError("webhooks-unavailable", "This gateway was started without WEBHOOK_SECRET_KEY.");
    }
    const secret = newWebhookSecret();
    return { secret, sealed: sealSecret(webhookKey, id, secret) };
  }

  async function get(accountId: number, id: string): Promise<WebhookRow> {
    const webhook = uuidPattern.test(id) ? await getWebhook(db, accountId, id) : undefined;
    if (webhook === undefined) throw new ProblemError("webhook-not-found", "No webhook endpoint has this id.");
    return webhook;
  }

  return {
    get,

    create: async (accountId: number, body: NewWebhook): Promise<Readonly<{ webhook: WebhookRow; secret: string }>> => {
      const id = newUuidV7();
      const { secret, sealed } = newSealedSecret(id);
      const url = await requireWebhookTarget(body.url, webhookAllowPrivate);
      const eventId = body.eventCode === undefined ? null : await findEventId(accountId, body.eventCode);
      const types = webhookTypes.filter((type) => body.events.includes(type));
      const description = body.description ?? null;
      if (!(await createWebhook(db, { id, accountId, eventId, url, types, description, secret: sealed }))) {
        throw new ProblemError("too-many-webhooks", `There can be ${webhookCountMax} endpoints; delete one first.`);
      }
      return { webhook: await get(accountId, id), secret };
    },

    change: async (
      accountId: number,
      id: string,
      { events, eventCode, url, description, enabled }: WebhookChange,
    ): Promise<WebhookRow> => {
      await get(accountId, id);
      await changeWebhook(db, accountId, id, {
        url: url === undefined ? undefined : await requireWebhookTarget(url, webhookAllowPrivate),
        types: events === undefined ? undefined : webhookTypes.filter((type) => events.includes(type)),
        eventId: typeof eventCode === "string" ? await findEventId(accountId, eventCode) : eventCode,
        description,
        enabled,
      });
      return get(accountId, id);
    },

    rotateSecret: async (accountId: number, id: string): Promise<RotatedSecret> => {
      await get(accountId, id);
      const { secret, sealed } = newSealedSecret(id.toLowerCase());
      const expiresAt = await rotateWebhookSecret(db, accountId, id, sealed, rotationOverlapHours);
      if (expiresAt === undefined) throw new ProblemError("webhook-not-found", "No webhook endpoint has this id.");
      return { secret, previousSecretExpiresAt: expiresAt.toISOString() };
    },
  };
}

export type Webhooks = ReturnType<typeof createWebhooks>;
