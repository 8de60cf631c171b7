// Gateways that stop behind HAProxy, with the configuration of this repository.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { browserProgram, runPage } from "../../support/browser/browser.ts";
import { startProxy } from "../../support/external/haproxy.ts";
import { without } from "../../support/external/programs.ts";
import { createApi, readMetric } from "../../support/http/api.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { createRestartingGateways, sellDuringRestarts } from "../../support/services/scenarios/rolling-restarts.ts";
import type { Environment } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

describe("gateways that restart behind the proxy", { skip: without("haproxy") }, () => {
  let environment: Environment;

  before(async () => {
    ({ environment } = await startInstallation(postgresQueues));
  });

  /** Two gateways, and the proxy before them. */
  async function startBoth() {
    const gateways = await createRestartingGateways({ ...environment, DRAIN_SECONDS: "5" });
    return { gateways, proxyUrl: await startProxy(gateways.map(({ url }) => url)) };
  }

  it("lose no request of clients that never repeat one", async () => {
    const { gateways, proxyUrl } = await startBoth();
    const { failures, answeredCount } = await sellDuringRestarts(proxyUrl, gateways, 2);
    assert.deepEqual(failures, []);
    assert(answeredCount > 300, `${answeredCount}`);
  });

  it("leave streams that the proxy ends at once, when none of them is there", async () => {
    const { gateways, proxyUrl } = await startBoth();
    await Promise.all(gateways.map(({ kill }) => kill()));
    const stream = () => fetch(`${proxyUrl}/api/v1/events/ANY/stream`, { headers: { accept: "text/event-stream" } });
    // Also before the proxy knows that the gateways are gone.
    const early = await stream();
    assert.deepEqual([early.status, early.headers.get("content-type")], [200, "text/event-stream; charset=utf-8"]);
    const delays = new Set<number>();
    await untilTrue("the proxy answers streams itself, with random pauses", async () => {
      const answer = await stream();
      const [, delayMs = 0] = /^retry: (\d{4})\n\n$/.exec(await answer.text()) ?? [];
      assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, "text/event-stream; charset=utf-8"]);
      if (Number(delayMs) > 0) delays.add(Number(delayMs));
      return delays.size > 3;
    });
    for (const delayMs of delays) assert(delayMs >= 1_000 && delayMs <= 5_000, `${delayMs}`);
    const other = await fetch(`${proxyUrl}/api/v1/events/ANY`);
    assert.deepEqual([other.status, other.headers.get("content-type")], [503, "application/problem+json"]);
  });

  const skip = browserProgram === undefined && "there is no Chromium";
  it("do not end the EventSource of a page, also when all of them are gone for seconds", { skip }, async () => {
    const { gateways, proxyUrl } = await startBoth();
    const api = createApi(gateways[0].url);
    const eventCode = await api.createEvent({ STANDARD: 100 });
    const script = `
      const totals = [];
      const source = new EventSource("/api/v1/events/${eventCode}/stream");
      let failureCount = 0;
      source.addEventListener("error", () => {
        failureCount++;
        if (source.readyState === EventSource.CLOSED) report({ isClosed: true, totals });
      });
      source.addEventListener("sale", ({ data }) => {
        totals.push(JSON.parse(data).inventory[0].total);
        if (totals.at(-1) === 777) report({ isClosed: false, last: 777, hasReconnected: failureCount > 0 });
      });`;
    const reported = runPage(browserProgram ?? "", { script, modules: ".", gatewayUrl: proxyUrl });
    const streamCounts = () =>
      Promise.all(gateways.map(({ url }) => readMetric(`${url}/metrics`, 'wait_slots_taken{kind="stream"}')));
    await untilTrue("the page listens", async () => (await streamCounts()).includes(1), 30_000);
    await gateways[0].stop();
    await gateways[1].kill();
    const goneMs = performance.now();
    await untilTrue("the page has met the proxy without a gateway", async () => {
      const isGone = (await fetch(`${proxyUrl}/readyz`)).status === 503;
      return isGone && performance.now() - goneMs > 6_000;
    });
    await Promise.all(gateways.map(({ start }) => start()));
    await api.put(`/api/v1/inventory/${eventCode}/STANDARD`, { total: 777 });
    assert.deepEqual(await reported, { isClosed: false, last: 777, hasReconnected: true });
  });
});
