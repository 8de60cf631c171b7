// The published client in a browser: tabs share their streams through HAProxy, while the gateways behind it restart.
import { strict as assert } from "node:assert";
import { join } from "node:path";
import { describe, it } from "node:test";
import { browserProgram, runPage } from "../../support/browser/browser.ts";
import { startProxy } from "../../support/external/haproxy.ts";
import { without } from "../../support/external/programs.ts";
import { createApi, readMetric } from "../../support/http/api.ts";
import { installPackedClient } from "../../support/sdk/packed-client.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { createRestartingGateways } from "../../support/services/scenarios/rolling-restarts.ts";
import { startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const frameCount = 4;
const skip = without("haproxy") || (browserProgram === undefined && "there is no Chromium in /usr/bin");

/** Each frame, which is a tab to the browser, tells the outer page what it sees last of the sale and of the order. */
const script = (eventCode: string, orderId: string) => `
  if (location.search === "?tab") {
    const { shareOrder, shareSale } = await import("/client/index.js");
    const client = { baseUrl: location.origin };
    const watchSale = async () => {
      for await (const { inventory } of shareSale(client, "${eventCode}")) {
        parent.seen(frameElement, { total: inventory[0].total });
      }
    };
    const watchOrder = async () => {
      for await (const { status } of shareOrder(client, "${orderId}")) parent.seen(frameElement, { status });
    };
    await Promise.all([watchSale(), watchOrder()]);
  } else {
    const states = new Map();
    window.seen = (frame, change) => {
      states.set(frame, { ...states.get(frame), ...change });
      const all = [...states.values()];
      const isOver = all.every(({ total, status }) => total === 777 && status === "CONFIRMED");
      if (isOver && all.length === ${frameCount}) report({ tabs: all.length });
    };
    addEventListener("load", () => {
      for (let number = 0; number < ${frameCount}; number++) {
        const frame = document.createElement("iframe");
        frame.src = "/?tab";
        document.body.append(frame);
      }
    });
  }`;

describe("tabs that share streams through the proxy", { skip }, () => {
  it("miss nothing when gateways restart, and when all of them are gone for a while", async () => {
    const { environment } = await startInstallation(postgresQueues, { workers: 0 });
    const gateways = await createRestartingGateways({ ...environment, DRAIN_SECONDS: "1" });
    const proxyUrl = await startProxy(gateways.map(({ url }) => url));
    const api = createApi(gateways[0].url);
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const { body: order } = await api.purchase({ eventCode });
    const modules = join(installPackedClient(), "node_modules", "@onsale", "client", "dist");
    const page = { script: script(eventCode, order.id), modules, gatewayUrl: proxyUrl };
    const reported = runPage(browserProgram ?? "", page);
    const streamCount = async () => {
      const slots = gateways.map(({ url }) => readMetric(`${url}/metrics`, 'wait_slots_taken{kind="stream"}'));
      return (await Promise.all(slots)).reduce((sum, count) => sum + count, 0);
    };
    await untilTrue("one tab streams the sale, and one the order", async () => (await streamCount()) === 2, 30_000);

    for (const gateway of gateways) {
      assert.equal(await gateway.stop(), 0);
      await gateway.start();
      await untilTrue("both streams are back", async () => (await streamCount()) === 2, 30_000);
    }
    await Promise.all(gateways.map(({ kill }) => kill()));
    await untilTrue("the proxy has no gateway", async () => (await fetch(`${proxyUrl}/readyz`)).status === 503);
    await Promise.all(gateways.map(({ start }) => start()));
    await api.put(`/api/v1/inventory/${eventCode}/STANDARD`, { total: 777 });
    await startWorker(environment);
    assert.deepEqual(await reported, { tabs: frameCount });
    await untilTrue("the order's stream has ended", async () => (await streamCount()) === 1);
  });
});
