import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import type { CreatedWebhook, Delivery, Webhook } from "@onsale/contracts/webhook";
import type { Api } from "../http/api.ts";
import type { Backend } from "../services/backends.ts";
import { type Installation, startInstallation } from "../services/installation.ts";
import { type Environment, type Service, startNotifier } from "../services/services.ts";
import { until } from "../until.ts";

/** Retries follow each other quickly, and there are enough of them for a slow test. */
const quickSchedule = ["0", ...Array.from({ length: 49 }, () => "0.2")].join(",");

/** Settings that let services post webhooks to receivers on this machine. */
export function webhookSettings(): Environment {
  return {
    WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"),
    WEBHOOK_ALLOW_PRIVATE: "1",
    WEBHOOK_RETRY_SCHEDULE: quickSchedule,
  };
}

/** An installation with a notifier. */
export async function startInstallationWithWebhooks(
  backend: Backend,
  settings: Environment = {},
): Promise<Installation & Readonly<{ notifier: Service }>> {
  const installation = await startInstallation(backend, { settings: { ...webhookSettings(), ...settings } });
  return { ...installation, notifier: await startNotifier(installation.environment) };
}

/** Registers an endpoint for confirmed and rejected orders of one event, or of all events. */
export async function createWebhook(api: Api, url: string, eventCode?: string): Promise<CreatedWebhook> {
  const events = ["order.confirmed", "order.rejected"];
  const body = { url, events, ...(eventCode === undefined ? {} : { eventCode }) };
  const created = await api.post<CreatedWebhook>("/api/v1/webhooks", body);
  assert.equal(created.status, 201);
  return created.body;
}

export async function getWebhook(api: Api, id: string): Promise<Webhook> {
  return (await api.get<Webhook>(`/api/v1/webhooks/${id}`)).body;
}

/** An endpoint's latest deliveries, the newest first. */
export async function listDeliveries(api: Api, id: string): Promise<Delivery[]> {
  return (await api.get<{ content: Delivery[] }>(`/api/v1/webhooks/${id}/deliveries?size=100`)).body.content;
}

/** Waits until an endpoint has a delivery that passes `isGood`. */
export function untilDelivery(api: Api, id: string, isGood: (delivery: Delivery) => boolean): Promise<Delivery> {
  const find = async () => (await listDeliveries(api, id)).find(isGood);
  return until("the delivery has the expected state", find, 40_000);
}

/** The number of an endpoint's deliveries with a status. */
export async function countDeliveries(api: Api, id: string, status: string): Promise<number> {
  const page = await api.get<{ totalElements: number }>(`/api/v1/webhooks/${id}/deliveries?size=1&status=${status}`);
  return page.body.totalElements;
}

/** Buys this many single tickets, and waits until each order is decided; returns the orders' ids. */
export async function buy(api: Api, eventCode: string, count: number): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: count }, () => api.purchase({ eventCode, waitSeconds: 30 })));
  return answers.map(({ status, body }) => {
    assert.equal(status, 200);
    return body.id;
  });
}
