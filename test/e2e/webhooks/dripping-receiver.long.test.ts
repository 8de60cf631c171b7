import { strict as assert } from "node:assert";
import { it } from "node:test";
import { describePipeline } from "../../support/services/backends.ts";
import { startReceiver } from "../../support/webhooks/receiver.ts";
import { buy, createWebhook, startInstallationWithWebhooks, untilDelivery } from "../../support/webhooks/webhooks.ts";

describePipeline("a receiver that sends its answer byte by byte", (backend) => {
  it("gets a timeout after 15 seconds, which the attempt records", async () => {
    const { api } = await startInstallationWithWebhooks(backend);
    const receiver = await startReceiver();
    const eventCode = await api.createEvent({ STANDARD: 1 });
    const webhook = await createWebhook(api, receiver.url, eventCode);
    receiver.respondWith((response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("."), 200);
      response.once("close", () => clearInterval(drip));
    });
    await buy(api, eventCode, 1);
    const delivery = await untilDelivery(api, webhook.id, (each) => each.attempts.length >= 1);
    const [attempt] = delivery.attempts;
    assert.deepEqual([attempt?.result, delivery.status], ["timeout", "PENDING"]);
    assert((attempt?.durationMs ?? 0) >= 14_900);
  });
});
