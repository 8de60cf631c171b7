import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { Webhook } from "@onsale/contracts/webhook";
import { postgresQueues } from "../../support/services/backends.ts";
import { untilTrue } from "../../support/until.ts";
import { startReceiverExample } from "../../support/webhooks/receiver-example.ts";
import { startInstallationWithWebhooks } from "../../support/webhooks/webhooks.ts";

describe("npm run receiver", () => {
  it("registers an endpoint, prints the webhooks, and deletes the endpoint at the end", async () => {
    const { api } = await startInstallationWithWebhooks(postgresQueues);
    const listWebhooks = async () => (await api.get<{ content: Webhook[] }>("/api/v1/webhooks")).body.content;
    const eventCode = await api.createEvent({ VIP: 1 });
    const example = startReceiverExample({ ONSALE_URL: api.baseUrl });
    await untilTrue("the ping is printed", () => /^webhook\.ping$/m.test(example.output()));
    assert.equal((await listWebhooks()).length, 1);

    const { body: order } = await api.purchase({ eventCode, ticketType: "VIP", waitSeconds: 10 });
    await api.purchase({ eventCode, ticketType: "VIP", waitSeconds: 10 });
    const confirmed = new RegExp(`^order\\.confirmed ${eventCode} 1 VIP, order ${order.id}$`, "m");
    const rejected = new RegExp(
      `^order\\.rejected ${eventCode} 1 VIP, order \\S+: No tickets of this type are left\\.$`,
      "m",
    );
    await untilTrue("both are printed", () => confirmed.test(example.output()) && rejected.test(example.output()));

    example.child.kill("SIGINT");
    assert.equal(await example.exited, 0, example.output());
    assert.deepEqual(await listWebhooks(), []);
  });

  it("prints what to do when there is no Onsale", async () => {
    const example = startReceiverExample({ ONSALE_URL: "http://127.0.0.1:1" });
    assert.equal(await example.exited, 1);
    assert.match(example.output(), /Is it running\? npm start/);
  });
});
