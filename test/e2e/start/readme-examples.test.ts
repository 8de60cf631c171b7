// The examples that people try first: those of the original system's README, of our API guide and of our README.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, it } from "node:test";
import type { Event } from "@onsale/contracts/event";
import type { Inventory } from "@onsale/contracts/inventory";
import type { Order, OrderPage } from "@onsale/contracts/order";
import { createTestDatabase } from "../../support/database/database.ts";
import { without } from "../../support/external/programs.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { readExamples, runExamples } from "../../support/page-examples.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { until } from "../../support/until.ts";

const guide = "docs/api-guide.md";
const withoutCurl = without("curl");
// As `npm start` makes one.
const CUSTOMER_KEY = randomBytes(32).toString("base64");

describePipeline("the original README's examples", (backend) => {
  let api: Api;

  before(async () => {
    const environment = { ...(await backend.start()), DATABASE_URL: await createTestDatabase() };
    const [gateway] = await Promise.all([startGateway(environment), startWorker(environment)]);
    api = createApi(gateway.url);
  });

  it("create an event, buy tickets, list orders and check the inventory", async () => {
    const event = await api.post<Event>("/api/v1/events", {
      code: "EVNT-ROCK-2025",
      name: "Rock Festival",
      startTime: "2025-12-01T19:00:00Z",
      endTime: "2025-12-01T22:00:00Z",
    });
    assert.equal(event.status, 201);
    assert.equal(event.headers.get("location"), "/api/v1/events/EVNT-ROCK-2025");
    // The original had no call that creates stock.
    assert.equal((await api.put("/api/v1/inventory/EVNT-ROCK-2025/STANDARD", { total: 5000 })).status, 201);

    const bought = await api.purchase({
      eventCode: "EVNT-ROCK-2025",
      ticketType: "STANDARD",
      quantity: 2,
      strategy: "optimistic",
      key: "123e4567-e89b-12d3-a456-426614174000",
    });
    assert.equal(bought.status, 202);
    assert.equal(bought.headers.get("retry-after"), "1");
    const decided = await until("the order is decided", async () => {
      const order = await api.order(bought.body.id);
      return order.status === "PENDING" ? null : order;
    });
    assert.equal(decided.status, "CONFIRMED");

    const orders = await api.get<OrderPage>("/api/v1/orders?event=EVNT-ROCK-2025&page=0&size=10");
    assert.deepEqual(
      orders.body.content.map((order) => [order.id, order.status]),
      [[bought.body.id, "CONFIRMED"]],
    );
    assert.deepEqual((await api.get<Inventory[]>("/api/v1/inventory/EVNT-ROCK-2025")).body, [
      { eventCode: "EVNT-ROCK-2025", ticketType: "STANDARD", total: 5000, sold: 2, held: 0, available: 4998 },
    ]);
  });

  it("a purchase with the pessimistic strategy", async () => {
    const eventCode = await api.createEvent({ VIP: 1 });
    const purchase = { eventCode, ticketType: "VIP", strategy: "pessimistic", waitSeconds: 10 } as const;
    const first = await api.purchase(purchase);
    const second = await api.purchase(purchase);
    assert.deepEqual([first.status, first.body.status, first.body.reason], [200, "CONFIRMED", null]);
    assert.deepEqual([second.status, second.body.status, second.body.reason?.code], [200, "REJECTED", "sold-out"]);
    await api.assertSound(eventCode);
  });

  it("Swagger UI, health and metrics are at the paths of the original", async () => {
    for (const path of ["/swagger-ui/index.html", "/docs", "/actuator/prometheus"]) {
      assert.equal((await fetch(new URL(path, api.baseUrl))).status, 200, path);
    }
    assert.deepEqual((await api.get("/actuator/health")).body, { status: "UP" });
  });
});

describePipeline(
  `the examples of ${guide}`,
  (backend) => {
    it("run in the order of the page, answer as shown, and leave a sound sale", async () => {
      const { api } = await startInstallation(backend, { settings: { CUSTOMER_KEY } });
      const examples = readExamples(guide);
      assert(examples.filter(({ shown }) => shown.length > 0).length >= 15, "the page's examples were not found");
      await runExamples(examples, api.baseUrl);
      await api.assertSound("EVNT-GUIDE-RULES");
      const { orders } = await api.assertSound("EVNT-GUIDE");
      const { confirmed, cancelled, rejected, total } = orders;
      assert.deepEqual(
        { confirmed, cancelled, rejected, total },
        { confirmed: 3, cancelled: 1, rejected: 1, total: 5 },
      );
    });
  },
  withoutCurl,
);

describePipeline(
  "the README's examples",
  (backend) => {
    it("buy a ticket, wait for the decision, follow the order, and watch the sale", async () => {
      const { api } = await startInstallation(backend, { settings: { CUSTOMER_KEY } });
      // The demo event of `npm start`.
      await api.createEvent({ STANDARD: 5_000, VIP: 200, STUDENT: 800 }, "EVNT-ROCK-2025");
      const { body: order } = await api.purchase({ eventCode: "EVNT-ROCK-2025" });
      const holding = { eventCode: "EVNT-ROCK-2025", ticketType: "VIP", quantity: 1, hold: true };
      const headers = { "idempotency-key": "held", prefer: "wait=10" };
      const { body: held } = await api.post<Order>("/api/v1/orders/purchase", holding, headers);
      const calls = readExamples("README.md").filter(({ script }) => /^(curl|API=|# Hold|# Ten)/.test(script));
      assert.equal(calls.length, 4);
      const outputs = await runExamples(
        calls.map(({ script, shown }) => ({
          shown,
          script: `ORDER=${order.id}\nHELD=${held.id}\n${withTimeLimit(script)}`,
        })),
        api.baseUrl,
      );
      const [bought = "", paid = "", ruled = "", followed = ""] = outputs;

      for (const output of outputs) assert.doesNotMatch(output, /"requestId"/, "a problem");
      assert.match(bought, /^HTTP\/1.1 200 OK$.*"status":"CONFIRMED"/ms);
      assert.match(paid, /"status":"HELD".*"status":"CONFIRMED".*"status":"CANCELLED"/s);
      assert.match(ruled, /HTTP\/1.1 201 Created.*"status":"CONFIRMED"/s);
      assert.equal(followed.match(/HTTP\/1.1 200 OK$/gm)?.length, 1);
      assert.match(followed, /^event: order$.*^event: sale$/ms);
      assert.deepEqual((await api.assertSound("EVNT-ROCK-2025")).orders.confirmed, 2);
    });
  },
  withoutCurl,
);

/** The script with a time limit for the stream of a sale, which does not end by itself. */
function withTimeLimit(script: string): string {
  return script.replace(/curl (-N \S+\/events\/\S+\/stream)/, "{ curl --max-time 2 $1 || test $? = 28; }");
}
