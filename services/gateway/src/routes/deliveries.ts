// Routes of webhook deliveries: lists them, pings an endpoint, and sends deliveries again.
import { PageQuery } from "@onsale/contracts/page";
import { Ref } from "@onsale/contracts/text";
import { isUsableTime, unusableTime } from "@onsale/contracts/time";
import { deliveryStatuses } from "@onsale/contracts/values";
import { Delivery, DeliveryPage, Redelivered, Redelivery } from "@onsale/contracts/webhook";
import { countDeliveries, listDeliveries } from "@onsale/database/statements/deliveries/list-deliveries";
import { Type } from "typebox";
import type { App } from "../http/app-type.ts";
import { isCount, readPageQuery } from "../http/page.ts";
import { bodyProblems, routeProblems } from "../http/responses.ts";
import { validationProblem } from "../http/validation.ts";
import type { Lists } from "../lists/lists.ts";
import type { Deliveries } from "../webhooks/deliveries.ts";
import { byWebhookId, presentDelivery } from "../webhooks/present-webhook.ts";
import { parsePosition as parseRedeliveryPosition } from "../webhooks/redelivery.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";

const tags = ["webhooks"];
const config = { scope: "webhooks:manage" } as const;

export type DeliveryRouteParts = Readonly<{ lists: Lists; webhooks: Webhooks; deliveries: Deliveries }>;

export function registerDeliveryRoutes(app: App, parts: DeliveryRouteParts): void {
  registerListing(app, parts);
  registerSending(app, parts);
}

function registerListing(app: App, { lists, webhooks }: DeliveryRouteParts): void {
  const listSchema = {
    tags,
    operationId: "listWebhookDeliveries",
    summary: "List an endpoint's deliveries and its answers, the newest first",
    params: byWebhookId,
    querystring: Type.Object(
      {
        status: Type.Optional(
          Type.Enum([...deliveryStatuses], { description: "Only deliveries in this status.", examples: ["FAILED"] }),
        ),
        ...PageQuery,
      },
      { additionalProperties: false },
    ),
    response: { 200: Ref(DeliveryPage), ...routeProblems("validation-failed", "webhook-not-found") },
  };
  app.get("/webhooks/:id/deliveries", { schema: listSchema, config: { ...config, shedAt: 1 } }, async (request) => {
    const { status, ...pageQuery } = request.query;
    const { id } = await webhooks.get(request.accountId, request.params.id);
    const page = readPageQuery(pageQuery, ["deliveries", id, status], parsePosition);
    return lists.readPage(request.accountId, page, {
      read: (db, start, count) => listDeliveries(db, id, { status }, start, count),
      count: (db) => countDeliveries(db, id, { status }),
      present: presentDelivery,
      positionOf: ({ seq }) => [seq],
    });
  });
}

function parsePosition([seq, ...rest]: readonly string[]) {
  return isCount(seq) && rest.length === 0 ? { afterSeq: Number(seq) } : null;
}

function registerSending(app: App, { deliveries }: DeliveryRouteParts): void {
  const pingSchema = {
    tags,
    operationId: "pingWebhook",
    summary: "Send a test delivery",
    params: byWebhookId,
    response: {
      202: { ...Ref(Delivery), description: "It will be sent." },
      ...routeProblems("webhook-not-found", "webhook-disabled"),
    },
  };
  app.post("/webhooks/:id/ping", { schema: pingSchema, config }, async (request, reply) =>
    reply.code(202).send(presentDelivery(await deliveries.ping(request.accountId, request.params.id))),
  );

  const redeliverSchema = {
    tags,
    operationId: "redeliverDelivery",
    summary: "Send a delivery again, under the same id",
    params: Type.Object({ ...byWebhookId.properties, deliveryId: Type.String({ description: "The delivery's id." }) }),
    response: {
      202: { ...Ref(Delivery), description: "It will be sent again." },
      ...routeProblems("webhook-not-found", "delivery-not-found", "webhook-disabled"),
    },
  };
  app.post(
    "/webhooks/:id/deliveries/:deliveryId/redeliver",
    { schema: redeliverSchema, config },
    async (request, reply) => {
      const { id, deliveryId } = request.params;
      return reply.code(202).send(presentDelivery(await deliveries.redeliverOne(request.accountId, id, deliveryId)));
    },
  );

  const rangeSchema = {
    tags,
    operationId: "redeliverDeliveries",
    summary: "Send the deliveries of a time range again, each under its id",
    description:
      "Those that failed for good, with `includeDelivered` also those that were delivered, and with `includeMissed` " +
      "what has no delivery yet. A request does a bounded part of the work: repeat it with `nextCursor` until that is null.",
    params: byWebhookId,
    body: Ref(Redelivery),
    response: {
      202: { ...Ref(Redelivered), description: "They will be sent again." },
      ...routeProblems(...bodyProblems, "webhook-not-found", "webhook-disabled"),
    },
  };
  app.post("/webhooks/:id/redeliver", { schema: rangeSchema, config }, async (request, reply) => {
    const { time, start } = readRedelivery(request.body);
    return reply.code(202).send(await deliveries.redeliverTime(request.accountId, request.params.id, time, start));
  });
}

/** @throws ProblemError for what a schema cannot check: real times in order, a cursor of a previous answer */
function readRedelivery(body: Redelivery) {
  const { includeDelivered = false, includeMissed = false, cursor } = body;
  const from = new Date(body.from);
  const to = new Date(body.to);
  const start = cursor === undefined ? undefined : parseRedeliveryPosition(cursor);
  const faults = [];
  if (!isUsableTime(from)) faults.push({ pointer: "/from", detail: unusableTime });
  if (!isUsableTime(to)) faults.push({ pointer: "/to", detail: unusableTime });
  if (to <= from) faults.push({ pointer: "/to", detail: "must be after from" });
  if (cursor !== undefined && start === undefined) {
    faults.push({ pointer: "/cursor", detail: "is not a cursor of an answer to this request" });
  }
  if (faults.length > 0) throw validationProblem(faults);
  return { time: { from, to, includeDelivered, includeMissed }, start };
}
