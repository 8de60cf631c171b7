// A gateway that has used more of its heap than it may: lists are refused, and the sale goes on.
import { strict as assert } from "node:assert";
import { it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { untilTrue } from "../../support/until.ts";

describePipeline("a gateway under pressure", (backend) => {
  it("refuses every list, and answers purchases, polls, changes, health checks and metrics", async () => {
    // 1 % of some 2 GB: any gateway uses more than that, and less than half.
    const settings = { HEAP_PERCENT_MAX: "1", NODE_OPTIONS: "--max-old-space-size=2000" };
    const { api } = await startInstallation(backend, { settings });
    const eventCode = await api.createEvent({ STANDARD: 100 });
    const event = `/api/v1/events/${eventCode}`;
    const lists = [
      "/api/v1/events",
      "/api/v1/orders",
      "/api/v1/webhooks",
      `${event}/changes`,
      `${event}/sales`,
      `${event}/orders.csv`,
      `${event}/activity`,
      `${event}/access-codes`,
      `${event}/audit`,
    ];
    await untilTrue("lists are refused", async () => (await api.get("/api/v1/orders")).status === 503);
    for (const path of lists) {
      const response = await fetch(`${api.baseUrl}${path}`);
      const { code }: Readonly<{ code?: string }> = JSON.parse(await response.text());
      assert.deepEqual([response.status, code, response.headers.get("retry-after")], [503, "overloaded", "1"], path);
    }
    const bought = await api.purchase({ eventCode, waitSeconds: 30 });
    assert.deepEqual([bought.status, bought.body.status], [200, "CONFIRMED"]);
    const path = `/api/v1/orders/${bought.body.id}`;
    assert.equal((await api.get<Order>(path)).status, 200);
    assert.equal((await api.post<Order>(`${path}/cancel`, undefined)).status, 200);
    for (const probe of [
      "/livez",
      "/readyz",
      "/actuator/health",
      "/metrics",
      event,
      `/api/v1/inventory/${eventCode}`,
    ]) {
      const response = await fetch(`${api.baseUrl}${probe}`);
      await response.text();
      assert.equal(response.status, 200, probe);
    }
    assert((await api.metric('admission_rejected_total{reason="overloaded"}')) >= lists.length);
  });
});
