// Shows webhook endpoints and their deliveries; pings, disables and enables endpoints, and sends deliveries again.
import { deliveryStatuses } from "@onsale/contracts/values";
import { deliveryTypes } from "@onsale/contracts/webhook";
import type { Db } from "@onsale/database/client";
import { listAccountActivities } from "@onsale/database/statements/access/account-activities";
import { listDeliveries } from "@onsale/database/statements/deliveries/list-deliveries";
import {
  endpointFilters,
  getWatchedEndpoint,
  listWatchedEndpoints,
} from "@onsale/database/statements/webhooks/watch-endpoints";
import { Type } from "typebox";
import { userName } from "../access/sessions.ts";
import type { ActivityPage } from "../console/messages/event-messages.ts";
import type { DeliveryPage, EndpointLine, EndpointPage, WebhookChanged } from "../console/messages/webhook-messages.ts";
import { presentDelivery } from "../console/present/present.ts";
import { presentActivity } from "../console/present/present-activity.ts";
import { presentEndpoint } from "../console/present/present-endpoint.ts";
import { HttpError } from "../errors/http-error.ts";
import type { App } from "../http/app-type.ts";
import { RowId, Uuid } from "../http/parameters.ts";
import type { WebhookChanges } from "../webhooks/webhook-changes.ts";

const endpointCount = 25;
const pageSize = 20;

const params = Type.Object({ id: Uuid });
const EndpointsQuery = Type.Object({
  state: Type.Enum([...endpointFilters], { default: "all" }),
  after: Type.Optional(Uuid),
});
const DeliveriesQuery = Type.Object({
  status: Type.Optional(Type.Enum([...deliveryStatuses])),
  type: Type.Optional(Type.Enum([...deliveryTypes])),
  order: Type.Optional(Uuid),
  after: Type.Optional(RowId),
});
const PageQuery = Type.Object({ after: Type.Optional(RowId) });
const DeliveryParams = Type.Object({ id: Uuid, deliveryId: Uuid });

export type WebhookRouteParts = Readonly<{ lookupDb: Db; webhookChanges: WebhookChanges }>;

export function registerWebhookRoutes(app: App, parts: WebhookRouteParts): void {
  registerReading(app, parts);
  registerChanging(app, parts);
}

function registerReading(app: App, { lookupDb: db }: WebhookRouteParts): void {
  app.get("/api/webhooks", { schema: { querystring: EndpointsQuery } }, async (request): Promise<EndpointPage> => {
    const { state, after } = request.query;
    const rows = await listWatchedEndpoints(db, state, after, endpointCount + 1);
    const endpoints = rows.slice(0, endpointCount).map(presentEndpoint);
    return { endpoints, next: rows.length > endpointCount ? (endpoints.at(-1)?.id ?? null) : null };
  });

  app.get("/api/webhooks/:id", { schema: { params } }, async (request): Promise<EndpointLine> => {
    const endpoint = await getWatchedEndpoint(db, request.params.id);
    if (endpoint === undefined) throw new HttpError(404, "There is no webhook endpoint with this id.");
    return presentEndpoint(endpoint);
  });

  const listSchema = { params, querystring: DeliveriesQuery };
  app.get("/api/webhooks/:id/deliveries", { schema: listSchema }, async (request): Promise<DeliveryPage> => {
    const { status, type, order: orderId, after } = request.query;
    const start = after === undefined ? { offset: 0 } : { afterSeq: after };
    const rows = await listDeliveries(db, request.params.id, { status, type, orderId }, start, pageSize + 1);
    const next = rows.length > pageSize ? String(rows[pageSize - 1]?.seq) : null;
    return { deliveries: rows.slice(0, pageSize).map(presentDelivery), next };
  });

  const activitySchema = { params, querystring: PageQuery };
  app.get("/api/webhooks/:id/activity", { schema: activitySchema }, async (request): Promise<ActivityPage> => {
    const subject = request.params.id.toLowerCase();
    const rows = await listAccountActivities(db, { subject }, request.query.after, pageSize + 1);
    const next = rows.length > pageSize ? String(rows[pageSize - 1]?.id) : null;
    return { activities: rows.slice(0, pageSize).map(presentActivity), next };
  });
}

const changedEndpoint = (request: Readonly<{ params: Readonly<{ id: string }> }>) => {
  return { endpointId: request.params.id.toLowerCase(), user: userName };
};

function registerChanging(app: App, { webhookChanges }: WebhookRouteParts): void {
  for (const action of ["ping", "disable", "enable"] as const) {
    app.post(`/api/webhooks/:id/${action}`, { schema: { params } }, async (request): Promise<WebhookChanged> => {
      return { message: await webhookChanges[action](changedEndpoint(request)) };
    });
  }

  const path = "/api/webhooks/:id/deliveries/:deliveryId/redeliver";
  app.post(path, { schema: { params: DeliveryParams } }, async (request): Promise<WebhookChanged> => {
    const deliveryId = request.params.deliveryId.toLowerCase();
    return { message: await webhookChanges.redeliver(changedEndpoint(request), deliveryId) };
  });
}
