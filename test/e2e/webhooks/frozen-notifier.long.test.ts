import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createApi } from "../../support/http/api.ts";
import { startGateway, startNotifier } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { ok, startRawReceiver } from "../../support/webhooks/raw-receiver.ts";
import { createDeliveries, readEndpoint } from "../../support/webhooks/webhook-factories.ts";
import { createWebhook, webhookSettings } from "../../support/webhooks/webhooks.ts";

describe("a notifier that is frozen while it posts", () => {
  it("does not keep an endpoint from being deleted, and posts nothing to it when it goes on", async () => {
    const databaseUrl = await createTestDatabase();
    const db = connect(databaseUrl);
    const environment = { ...webhookSettings(), DATABASE_URL: databaseUrl };
    const notifier = await startNotifier(environment);
    const api = createApi((await startGateway(environment)).url);
    const receiver = await startRawReceiver((socket) => setTimeout(() => socket.write(ok), 15));
    const { id, links } = await createWebhook(api, receiver.url);
    await createDeliveries(db, id, 1_000);
    await untilTrue("it posts", () => receiver.requests.length > 50);
    process.kill(notifier.pid, "SIGSTOP");
    try {
      assert.equal((await api.request("DELETE", links.self)).status, 204);
    } finally {
      process.kill(notifier.pid, "SIGCONT");
    }
    const { length } = receiver.requests;
    // The notifier works again when another endpoint gets its ping.
    const other = await startRawReceiver((socket) => socket.write(ok));
    const { links: otherLinks } = await createWebhook(api, other.url);
    await api.post(`${otherLinks.self}/ping`, undefined);
    await untilTrue("the ping arrives", () => other.requests.length === 1);
    assert.equal(receiver.requests.length, length);
  });

  it("does not keep a gateway that stops from answering DELETE", async () => {
    const databaseUrl = await createTestDatabase();
    const db = connect(databaseUrl);
    const environment = { ...webhookSettings(), DATABASE_URL: databaseUrl };
    const notifier = await startNotifier(environment);
    const gateway = await startGateway(environment);
    const api = createApi(gateway.url);
    const receiver = await startRawReceiver(() => undefined);
    const { id, links } = await createWebhook(api, receiver.url);
    await createDeliveries(db, id, 10);
    await untilTrue("it posts", () => receiver.requests.length === 4);
    process.kill(notifier.pid, "SIGSTOP");
    const deleting = api.request("DELETE", links.self);
    await untilTrue("the endpoint is disabled", async () => (await readEndpoint(db, id)).disabled_at !== null);
    const stopping = gateway.stop();
    assert.equal((await deleting).status, 204);
    assert.equal(await stopping, 0);
  });

  it("and then killed releases its endpoints at once", async () => {
    const databaseUrl = await createTestDatabase();
    const environment = { ...webhookSettings(), DATABASE_URL: databaseUrl };
    const notifier = await startNotifier(environment);
    const api = createApi((await startGateway(environment)).url);
    const receiver = await startRawReceiver(() => undefined);
    const { id, links } = await createWebhook(api, receiver.url);
    await createDeliveries(connect(databaseUrl), id, 10);
    await untilTrue("it posts", () => receiver.requests.length === 4);
    process.kill(notifier.pid, "SIGSTOP");
    const deleting = api.request("DELETE", links.self);
    await notifier.kill();
    assert.equal((await deleting).status, 204);
    assert.equal(receiver.requests.length, 4);
  });
});
