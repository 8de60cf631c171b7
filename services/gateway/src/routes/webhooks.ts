// Routes of webhook endpoints: registers, lists, changes and deletes them, and rotates their secrets.

import { PageQuery } from "@onsale/contracts/page";
import { Ref } from "@onsale/contracts/text";
import { basePath } from "@onsale/contracts/values";
import {
  CreatedWebhook,
  NewWebhook,
  RotatedSecret,
  Webhook,
  WebhookChange,
  WebhookPage,
} from "@onsale/contracts/webhook";
import type { Db } from "@onsale/database/client";
import { countWebhooks, listWebhooks } from "@onsale/database/statements/webhooks/get-webhooks";
import { isUuid } from "@onsale/database/uuid";
import { Type } from "typebox";
import type { App } from "../http/app-type.ts";
import { readPageQuery } from "../http/page.ts";
import { bodyProblems, header, routeProblems } from "../http/responses.ts";
import type { Lists } from "../lists/lists.ts";
import { byWebhookId, presentWebhook } from "../webhooks/present-webhook.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";

const tags = ["webhooks"];
const config = { scope: "webhooks:manage" } as const;

export type WebhookRouteParts = Readonly<{ db: Db; lists: Lists; webhooks: Webhooks }>;

export function registerWebhookRoutes(app: App, parts: WebhookRouteParts): void {
  registerReading(app, parts);
  registerChanging(app, parts);
}

function registerReading(app: App, { lists, webhooks }: WebhookRouteParts): void {
  const listSchema = {
    tags,
    operationId: "listWebhooks",
    summary: "List webhook endpoints, the newest first",
    querystring: Type.Object(PageQuery, { additionalProperties: false }),
    response: { 200: Ref(WebhookPage), ...routeProblems("validation-failed") },
  };
  app.get("/webhooks", { schema: listSchema, config: { ...config, shedAt: 1 } }, async (request) => {
    const { accountId } = request;
    const page = readPageQuery(request.query, ["webhooks"], parsePosition);
    return lists.readPage(accountId, page, {
      read: (db, start, count) => listWebhooks(db, accountId, start, count),
      count: (db) => countWebhooks(db, accountId),
      present: presentWebhook,
      positionOf: ({ id }) => [id],
    });
  });

  const getSchema = {
    tags,
    operationId: "getWebhook",
    summary: "Get a webhook endpoint",
    params: byWebhookId,
    response: { 200: Ref(Webhook), ...routeProblems("webhook-not-found") },
  };
  app.get("/webhooks/:id", { schema: getSchema, config }, async (request) =>
    presentWebhook(await webhooks.get(request.accountId, request.params.id)),
  );
}

function parsePosition([id, ...rest]: readonly string[]) {
  return id !== undefined && isUuid(id) && rest.length === 0 ? { afterId: id } : null;
}

function registerChanging(app: App, { webhooks }: Pick<WebhookRouteParts, "webhooks">): void {
  const createSchema = {
    tags,
    operationId: "createWebhook",
    summary: "Register a webhook endpoint",
    description: "Only this answer shows the secret.",
    body: Ref(NewWebhook),
    response: {
      201: { ...Ref(CreatedWebhook), headers: { location: header("The endpoint's path.") } },
      ...routeProblems(
        ...bodyProblems,
        "webhook-url-refused",
        "event-not-found",
        "too-many-webhooks",
        "webhooks-unavailable",
      ),
    },
  };
  app.post("/webhooks", { schema: createSchema, config }, async (request, reply) => {
    const { webhook, secret } = await webhooks.create(request.accountId, request.body);
    const location = `${basePath}/webhooks/${webhook.id}`;
    return reply
      .code(201)
      .header("location", location)
      .send({ ...presentWebhook(webhook), secret });
  });

  const changeSchema = {
    tags,
    operationId: "changeWebhook",
    summary: "Change, disable or enable a webhook endpoint",
    description: "After the answer nothing more is posted to an endpoint that was disabled.",
    params: byWebhookId,
    body: Ref(WebhookChange),
    response: {
      200: Ref(Webhook),
      ...routeProblems(...bodyProblems, "webhook-url-refused", "event-not-found", "webhook-not-found"),
    },
  };
  app.patch("/webhooks/:id", { schema: changeSchema, config }, async (request) =>
    presentWebhook(await webhooks.change(request.accountId, request.params.id, request.body)),
  );

  const deleteSchema = {
    tags,
    operationId: "deleteWebhook",
    summary: "Delete a webhook endpoint with its deliveries",
    description: "After the answer nothing more is posted to it.",
    params: byWebhookId,
    response: { 204: { type: "null", description: "The endpoint is deleted." }, ...routeProblems("webhook-not-found") },
  };
  app.delete("/webhooks/:id", { schema: deleteSchema, config }, async (request, reply) => {
    await webhooks.remove(request.accountId, request.params.id);
    return reply.code(204).send();
  });

  const rotateSchema = {
    tags,
    operationId: "rotateWebhookSecret",
    summary: "Get a new secret; the old one signs for another 24 hours, too",
    params: byWebhookId,
    response: { 200: Ref(RotatedSecret), ...routeProblems("webhook-not-found", "webhooks-unavailable") },
  };
  app.post("/webhooks/:id/rotate-secret", { schema: rotateSchema, config }, async (request) =>
    webhooks.rotateSecret(request.accountId, request.params.id),
  );
}
