// The webhook endpoints of accounts: creates and changes them, and makes their secrets.
import { webhookTypes } from "@onsale/contracts/values";
import type { NewWebhook, RotatedSecret, WebhookChange } from "@onsale/contracts/webhook";
import type { Db } from "@onsale/database/client";
import { changeWebhook, type WebhookPatch } from "@onsale/database/statements/webhooks/change-webhook";
import { createWebhook, webhookCountMax } from "@onsale/database/statements/webhooks/create-webhook";
import { deleteWebhook } from "@onsale/database/statements/webhooks/delete-webhook";
import { getWebhook } from "@onsale/database/statements/webhooks/get-webhooks";
import { rotateWebhookSecret } from "@onsale/database/statements/webhooks/rotate-webhook-secret";
import type { WebhookRow } from "@onsale/database/statements/webhooks/webhook-row";
import { isUuid, newUuidV7 } from "@onsale/database/uuid";
import { newWebhookSecret, sealSecret } from "@onsale/security/webhook-secret";
import { createPostsStopped } from "@onsale/service/stop-posts";
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import type { GatewayConfig } from "../config.ts";
import { ProblemError } from "../http/problem-error.ts";
import { createTargetCheck } from "./webhook-target.ts";

const rotationOverlapHours = 24;

type WebhookOptions = Readonly<{
  db: Db;
  catalogue: Catalogue;
  /** Encrypts the endpoints' secrets. Without it, no endpoint is created and no secret is rotated. */
  webhookKey: Buffer | undefined;
  /** Whether webhooks may be sent to this machine and to private networks. */
  webhookAllowPrivate: boolean;
}>;

/** Creates the webhooks that the gateway's settings ask for. */
export function createConfiguredWebhooks(config: GatewayConfig, db: Db, catalogue: Catalogue) {
  const webhookAllowPrivate = config.webhookAllowPrivate === "1";
  return createWebhooks({ db, catalogue, webhookKey: config.webhookKey, webhookAllowPrivate });
}

/** Returns what changes an endpoint. Once it has disabled one, nothing more is posted to it. */
function createEndpointChange(db: Db) {
  const untilPostsStopped = createPostsStopped(db);
  return async (accountId: number, id: string, patch: WebhookPatch): Promise<void> => {
    await changeWebhook(db, accountId, id, patch);
    if (patch.enabled === false) await untilPostsStopped(id);
  };
}

/** Every method throws a ProblemError when it refuses the request. */
export function createWebhooks({ db, catalogue, webhookKey, webhookAllowPrivate }: WebhookOptions) {
  const findEventId = async (accountId: number, code: string) =>
    (await requireCatalogueEvent(catalogue, accountId, code)).id;

  const changeEndpoint = createEndpointChange(db);
  const requireWebhookTarget = createTargetCheck(webhookAllowPrivate);

  function newSealedSecret(id: string) {
    if (webhookKey === undefined) {
      throw new ProblemError("webhooks-unavailable", "This gateway was started without WEBHOOK_SECRET_KEY.");
    }
    const secret = newWebhookSecret();
    return { secret, sealed: sealSecret(webhookKey, id, secret) };
  }

  async function get(accountId: number, id: string): Promise<WebhookRow> {
    const webhook = isUuid(id) ? await getWebhook(db, accountId, id) : undefined;
    if (webhook === undefined) throw new ProblemError("webhook-not-found", "No webhook endpoint has this id.");
    return webhook;
  }

  return {
    get,

    create: async (accountId: number, body: NewWebhook): Promise<Readonly<{ webhook: WebhookRow; secret: string }>> => {
      const id = newUuidV7();
      const { secret, sealed } = newSealedSecret(id);
      const url = await requireWebhookTarget(body.url);
      const eventId = body.eventCode === undefined ? null : await findEventId(accountId, body.eventCode);
      const types = webhookTypes.filter((type) => body.events.includes(type));
      const description = body.description ?? null;
      if (!(await createWebhook(db, { id, accountId, eventId, url, types, description, secret: sealed }))) {
        throw new ProblemError(
          "too-many-webhooks",
          `An account has at most ${webhookCountMax} endpoints. Delete one first.`,
        );
      }
      return { webhook: await get(accountId, id), secret };
    },

    change: async (
      accountId: number,
      givenId: string,
      { events, eventCode, url, description, enabled }: WebhookChange,
    ): Promise<WebhookRow> => {
      const { id } = await get(accountId, givenId);
      await changeEndpoint(accountId, id, {
        url: url === undefined ? undefined : await requireWebhookTarget(url),
        types: events === undefined ? undefined : webhookTypes.filter((type) => events.includes(type)),
        eventId: typeof eventCode === "string" ? await findEventId(accountId, eventCode) : eventCode,
        description,
        enabled,
      });
      return get(accountId, id);
    },

    remove: async (accountId: number, givenId: string): Promise<void> => {
      const { id } = await get(accountId, givenId);
      await changeEndpoint(accountId, id, { enabled: false });
      await deleteWebhook(db, accountId, id);
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
