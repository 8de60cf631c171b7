import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { connect } from "../../support/database/database.ts";
import { createAccount, createTestEvent, placeOrders } from "../../support/database/factories.ts";
import { openStream } from "../../support/http/event-stream.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { until } from "../../support/until.ts";

const streamOf = (baseUrl: string, orderId: string) => `${baseUrl}/api/v1/orders/${orderId}/stream`;
const follow = (baseUrl: string, orderId: string, lastEventId?: string) =>
  openStream<Order>(streamOf(baseUrl, orderId), lastEventId === undefined ? {} : { "last-event-id": lastEventId });

const unknownId = "01990000-0000-7000-8000-000000000000";

describePipeline("the stream of an order", (backend) => {
  let installation: Installation;
  let db: Db;

  before(async () => {
    installation = await startInstallation(backend, { gateways: 2, workers: 0 });
    db = connect(installation.databaseUrl);
  });

  /** Purchases a ticket while no worker runs; the order stays pending. */
  async function buy(): Promise<Order> {
    const eventCode = await installation.api.createEvent({ STANDARD: 10 });
    return (await installation.api.purchase({ eventCode })).body;
  }

  /** Runs a worker until the order is decided. */
  async function decide(order: Order): Promise<Order> {
    const worker = await startWorker(installation.environment);
    const decided = await until("the order is decided", async () => {
      const current = await installation.api.order(order.id);
      return current.status === "PENDING" ? null : current;
    });
    await worker.stop();
    return decided;
  }

  it("sends the pending order and then the decision, and ends, at every gateway", async () => {
    const order = await buy();
    const streams = await Promise.all(installation.apis.map(({ baseUrl }) => follow(baseUrl, order.id)));
    for (const { untilMessage } of streams) await untilMessage("it is pending", ({ status }) => status === "PENDING");
    const decided = await decide(order);
    for (const { ended, messages, retryMs } of streams) {
      assert.equal(await ended, "ended");
      assert.deepEqual(
        messages.map(({ id, event, data }) => [id, event, data.status, data.version]),
        [
          ["1", "order", "PENDING", 1],
          ["2", "order", "CONFIRMED", 2],
        ],
      );
      assert.equal(messages[0]?.data.queue?.ahead, 0);
      assert.deepEqual(messages[1]?.data, decided);
      assert((retryMs() ?? 0) >= 500 && (retryMs() ?? 0) <= 1_500, `${retryMs()}`);
    }
  });

  it("resumes after the client's last version, and is empty when that is the decision", async () => {
    const { baseUrl } = installation.api;
    const order = await buy();
    const resumed = await follow(baseUrl, order.id, "1");
    const garbled = await follow(baseUrl, order.id, "yesterday");
    await garbled.untilMessage("it is pending", ({ status }) => status === "PENDING");
    const decided = await decide(order);
    assert.deepEqual([await resumed.ended, await garbled.ended], ["ended", "ended"]);
    const dataOf = (stream: typeof resumed) => stream.messages.map(({ data }) => data.status);
    assert.deepEqual(dataOf(resumed), ["CONFIRMED"]);
    assert.deepEqual(dataOf(garbled), ["PENDING", "CONFIRMED"]);

    for (const lastEventId of [undefined, "1", "soon", "-2"]) {
      const late = await follow(baseUrl, order.id, lastEventId);
      assert.equal(await late.ended, "ended");
      assert.deepEqual(
        late.messages.map(({ data }) => data),
        [decided],
      );
    }
    const path = `/api/v1/orders/${order.id}/stream`;
    const seen = await installation.api.get(path, { "last-event-id": "2" });
    assert.deepEqual([seen.status, seen.body], [204, undefined]);
  });

  it("is refused with a problem unless the id is that of an order of this account", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 }, await createAccount(db));
    const [foreign] = await placeOrders(db, event);
    for (const id of [unknownId, foreign?.id, "no-uuid", `${unknownId}0`]) {
      const answer = await installation.api.get<Problem>(`/api/v1/orders/${id}/stream`);
      assert.deepEqual([answer.status, answer.body.code], [404, "order-not-found"], id);
    }
  });

  it("ends when its gateway stops, and resumes at another one", async () => {
    const stopping = await startGateway(installation.environment);
    const order = await buy();
    const stream = await follow(stopping.url, order.id);
    const { id } = await stream.untilMessage("it is pending", ({ status }) => status === "PENDING");
    const exitCode = stopping.stop();
    assert.equal(await stream.ended, "ended");
    assert.equal(await exitCode, 0);
    assert.equal(stream.messages.length, 1);
    const resumed = await follow(installation.api.baseUrl, order.id, id);
    await decide(order);
    assert.equal(await resumed.ended, "ended");
    assert.deepEqual(
      resumed.messages.map(({ data }) => data.status),
      ["CONFIRMED"],
    );
  });

  it("sends the decision although the gateway lost its database connections", async () => {
    const order = await buy();
    const stream = await follow(installation.api.baseUrl, order.id);
    await stream.untilMessage("it is pending", ({ status }) => status === "PENDING");
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'onsale-gateway'`.execute(db);
    await decide(order);
    assert.equal(await stream.ended, "ended");
    assert.equal(stream.messages.at(-1)?.data.status, "CONFIRMED");
  });

  it("sends the decision although its announcement was lost", async () => {
    const order = await buy();
    const stream = await follow(installation.api.baseUrl, order.id);
    await stream.untilMessage("it is pending", ({ status }) => status === "PENDING");
    await sql`UPDATE orders SET status = 'REJECTED', reason_code = 'sold-out', decided_at = now(), version = 2
        WHERE id = ${order.id}`.execute(db);
    await stream.untilMessage("it is rejected", ({ status }) => status === "REJECTED");
    assert.equal(await stream.ended, "ended");
  });
});
