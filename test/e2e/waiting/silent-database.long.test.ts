import { strict as assert } from "node:assert";
import { it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import { createApi, newKey } from "../../support/http/api.ts";
import { openStream } from "../../support/http/event-stream.ts";
import { startProxy } from "../../support/http/proxy.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

describePipeline("the stream of an order at a gateway with silent database connections", (backend) => {
  it("still sends the decision, and a comment every 15 seconds", async () => {
    const { environment, databaseUrl } = await startInstallation(backend, { gateways: 1, workers: 0 });
    const proxy = await startProxy(databaseUrl);
    const cutOff = await startGateway({ ...environment, DATABASE_URL: proxy.url });
    const api = createApi(cutOff.url);
    const eventCode = await api.createEvent({ STANDARD: 1 });
    const order = (await api.purchase({ eventCode, key: newKey() })).body;
    const stream = await openStream<Order>(`${api.baseUrl}/api/v1/orders/${order.id}/stream`);
    await stream.untilMessage("it is pending", ({ status }) => status === "PENDING");
    await untilTrue("there is a comment", () => stream.comments.length > 0, 30_000);
    assert.equal(stream.messages.length, 1);
    proxy.muteConnections();
    await startWorker(environment);
    await stream.untilMessage("it is confirmed", ({ status }) => status === "CONFIRMED", 60_000);
    assert.equal(await stream.ended, "ended");
  });
});
