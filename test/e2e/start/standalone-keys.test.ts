import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import { connect } from "../../support/database/database.ts";
import { createApi } from "../../support/http/api.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { newDataDir, startStandalone } from "../../support/services/standalone.ts";

describe("npm start with AUTH=keys", () => {
  it("requires keys on any address, serves metrics on separate ports, and says how to create a key", async () => {
    const dataDir = newDataDir();
    const onsale = startStandalone({ dataDir, environment: { AUTH: "keys", HOST: "0.0.0.0" } });
    const url = new URL((await onsale.ready()).baseUrl);
    url.hostname = "127.0.0.1";
    const refused = await createApi(url.origin).get("/api/v1/events");
    assert.equal(refused.status, 401);
    assert.match(onsale.output(), /npx onsale keys create --name NAME$/m);
    assert.match(onsale.output(), /Webhooks .*public https addresses only \(WEBHOOK_ALLOW_PRIVATE=1 allows /);

    const databaseUrl = readFileSync(join(dataDir, "run", "database-url"), "utf8").trim();
    const { key } = await createKey(connect(databaseUrl));
    const api = createApi(url.origin, key);
    const bought = await api.purchase({ eventCode: "EVNT-ROCK-2025", waitSeconds: 10 });
    assert.equal(bought.body.status, "CONFIRMED");
    const { status } = (await api.get<Order>(`/api/v1/orders/${bought.body.id}`)).body;
    assert.equal(status, "CONFIRMED");

    const webhook = { url: "http://127.0.0.1:9000/hooks", events: ["order.confirmed"] };
    const problem = await api.post<Problem>("/api/v1/webhooks", webhook);
    assert.deepEqual([problem.status, problem.body.code], [400, "webhook-url-refused"]);

    const metricsUrls = onsale.output().match(/http:\S+\/metrics/g) ?? [];
    const texts = await Promise.all(metricsUrls.map(async (metricsUrl) => (await fetch(metricsUrl)).text()));
    assert(
      texts.some((text) => /^orders_accepted_total 1$/m.test(text)),
      metricsUrls.join(),
    );
  });
});
