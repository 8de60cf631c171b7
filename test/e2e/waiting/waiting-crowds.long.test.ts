import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect } from "../../support/database/database.ts";
import type { Answer } from "../../support/http/api.ts";
import { openStream, type StreamClient } from "../../support/http/event-stream.ts";
import { describeOnBackends } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

function memoryOf(pid: number): string {
  try {
    return /VmHWM:\s*(.*)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "unknown";
  } catch {
    return "unknown";
  }
}

describeOnBackends("a crowd of 5,000", (backend) => {
  it("that waits at one gateway, with purchases, polls and streams, gets every decision", async (t) => {
    const count = 5_000;
    const { api, environment, gateways, databaseUrl } = await startInstallation(backend, { workers: 0 });
    const eventCode = await api.createEvent({ STANDARD: count });
    const db = connect(databaseUrl);
    await placePendingOrders(db, eventCode, 4_000);
    const ids = (await db.selectFrom("orders").select("id").execute()).map(({ id }) => id);
    const streaming: StreamClient<Order>[] = [];
    // Fewer at a time than the backlog of a listening socket.
    for (let n = 0; n < ids.length; n += 250) {
      const urls = ids.slice(n, n + 250).map((id) => `${api.baseUrl}/api/v1/orders/${id}/stream`);
      streaming.push(...(await Promise.all(urls.map((url) => openStream<Order>(url)))));
    }
    // Requests that wait for at most 30 s come last, because opening the streams takes long.
    const buying = Array.from({ length: 500 }, () => api.purchase({ eventCode, waitSeconds: 30 }));
    const polling = ids.slice(0, 500).map((id) => api.get<Order>(`/api/v1/orders/${id}`, { prefer: "wait=30" }));
    await untilTrue(
      "all purchases are recorded",
      async () => (await api.metric("orders_accepted_total")) === 500,
      30_000,
    );
    t.diagnostic(`the gateway's memory, with ${count} waiters: ${memoryOf(gateways[0]?.pid ?? 0)}`);

    await startWorker(environment);
    const answers = await Promise.all<Answer<Pick<Order, "status">>>([...buying, ...polling]);

    assert.deepEqual([...new Set(answers.map(({ status, body }) => `${status} ${body.status}`))], ["200 CONFIRMED"]);
    for (const stream of streaming) {
      assert.equal(await stream.ended, "ended");
      assert.equal(stream.messages.at(-1)?.data.status, "CONFIRMED");
    }
    t.diagnostic(`afterwards: ${memoryOf(gateways[0]?.pid ?? 0)}`);
  });
});
