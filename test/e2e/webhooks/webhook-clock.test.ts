// Processes whose clocks are wrong: every time that a webhook or the API shows is by the database's clock.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createTestDatabase } from "../../support/database/database.ts";
import { createApi } from "../../support/http/api.ts";
import { shiftedBy, startGateway, startNotifier } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { answer, assertVerified, startReceiver } from "../../support/webhooks/receiver.ts";
import { createWebhook, untilDelivery, webhookSettings } from "../../support/webhooks/webhooks.ts";

const hourMs = 3_600_000;

/** Fails unless a time is that of this machine, where the database runs, too. */
function assertIsNow(time: string | number | undefined, offsetMs = 0): void {
  const differenceMs = new Date(time ?? 0).getTime() - Date.now() - offsetMs;
  assert(Math.abs(differenceMs) < 120_000, `${time} is wrong by ${differenceMs} ms`);
}

describe("the times of a webhook", () => {
  it("are right although the gateway's clock is two hours fast and the notifier's two hours slow", async () => {
    const environment = { ...webhookSettings(), DATABASE_URL: await createTestDatabase() };
    const api = createApi((await startGateway({ ...environment, ...shiftedBy(2 * hourMs) })).url);
    await startNotifier({ ...environment, ...shiftedBy(-2 * hourMs) });
    const receiver = await startReceiver();
    receiver.respondWith((response, received, number) => {
      const inAnHour = new Date(Date.now() + hourMs).toUTCString();
      answer(503, { "retry-after": inAnHour })(response, received, number);
    });
    const webhook = await createWebhook(api, receiver.url);
    await api.post(`/api/v1/webhooks/${webhook.id}/ping`, undefined);
    await untilTrue("the ping arrives", () => receiver.received.length === 1);
    const [received] = receiver.received;
    assert(received !== undefined);
    assertVerified(received, webhook.secret);
    assertIsNow(1_000 * Number(received.headers["webhook-timestamp"]));
    assertIsNow(JSON.parse(received.text).timestamp);

    const delivery = await untilDelivery(api, webhook.id, ({ attempts }) => attempts.length === 1);
    assertIsNow(delivery.createdAt);
    assertIsNow(delivery.attempts[0]?.startedAt);
    assertIsNow(delivery.nextAttemptAt ?? undefined, hourMs);
  });
});
