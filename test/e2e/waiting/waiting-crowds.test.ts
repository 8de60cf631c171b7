import { strict as assert } from "node:assert";
import { it } from "node:test";
import type { Order, OrderPage } from "@onsale/contracts/order";
import { sql } from "kysely";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect } from "../../support/database/database.ts";
import { countStatements } from "../../support/database/statements.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { type Answer, newKey } from "../../support/http/api.ts";
import { openStream } from "../../support/http/event-stream.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { startWorker } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";

const readsOrders = "orders.id = ANY";
const writesDecisions = "change.decided_seq";
describePipeline("crowds of waiting clients", (backend) => {
  it("1,000 waiting purchases are decided by a few batches, and their orders read by a few queries", async (t) => {
    const count = 1_000;
    const { api, environment, databaseUrl } = await startInstallation(backend, { workers: 0 });
    const eventCode = await api.createEvent({ STANDARD: count });
    const buying = Array.from({ length: count }, () => api.purchase({ eventCode, waitSeconds: 30 }));
    const areAllAccepted = async () => (await api.metric("orders_accepted_total")) === count;
    await untilTrue("all orders are accepted", areAllAccepted, 25_000);
    const counted = await countStatements(connect(databaseUrl));

    await startWorker(environment);
    const answers = await Promise.all(buying);

    for (const { status, body, headers } of answers) {
      assert.deepEqual([status, body.status, "queue" in body], [200, "CONFIRMED", false]);
      assert.equal(headers.get("preference-applied"), "wait=30");
    }
    const batches = await counted(writesDecisions);
    const reads = await counted(readsOrders);
    t.diagnostic(`${batches.calls} batches; ${reads.calls} queries read ${reads.rows} orders`);
    assert(batches.calls >= 1 && batches.calls <= 20, `${batches.calls} batches`);
    assert(reads.rows >= count, `${reads.rows} orders`);
    assert(reads.calls <= 50, `${reads.calls} queries`);
  });

  it("simultaneous polls share queries, and each gets its own order", async (t) => {
    const { api, databaseUrl } = await startInstallation(backend, { workers: 0 });
    const eventCode = await api.createEvent({ STANDARD: 1 });
    const bought = await Promise.all(Array.from({ length: 100 }, () => api.purchase({ eventCode })));
    const ids = bought.map(({ body }) => body.id);
    const db = connect(databaseUrl);
    const counted = await countStatements(db);
    const { tx, rollback } = await openTransaction(db);
    await sql`LOCK TABLE orders IN ACCESS EXCLUSIVE MODE`.execute(tx);
    // While the first two queries are blocked, all other polls gather, on a slow machine too.
    const polling = [api.order(ids[0] ?? "")];
    await untilBlocked(db, 1);
    polling.push(api.order(ids[1] ?? ""));
    await untilBlocked(db, 2);
    const others = [ids.slice(2), ids, ids, ids].flat();
    polling.push(...others.map(api.order));
    for (let n = 0; n < 3; n++) await api.get("/livez");
    await rollback();
    const polled = await Promise.all(polling);

    assert.deepEqual(
      polled.map(({ id }) => id),
      [...ids, ...ids, ...ids, ...ids],
    );
    const { calls } = await counted(readsOrders);
    t.diagnostic(`${calls} queries for ${polled.length} polls`);
    assert(calls >= 3 && calls <= polled.length / 4, `${calls} queries for ${polled.length} polls`);
  });
});

describePipeline("the queue position of a pending order", (backend) => {
  it("is in every pending order, and in no decided one", async () => {
    const count = 300;
    const { api, environment, databaseUrl } = await startInstallation(backend, { workers: 0 });
    const eventCode = await api.createEvent({ STANDARD: 1_000 });
    const orders: Order[] = [];
    for (let n = 0; n < count; n++) orders.push((await api.purchase({ eventCode })).body);
    for (const [place, { queue }] of orders.entries()) {
      assert(queue !== undefined && queue.ahead <= place, `${queue?.ahead} ahead of number ${place}`);
    }
    const first = orders[0];
    const last = orders.at(-1);
    assert(first && last);

    const polled = await Promise.all(orders.map(({ id }) => api.order(id)));
    assert.deepEqual(
      polled.map(({ queue }) => queue?.ahead),
      [...orders.keys()],
    );
    const stalled = await until("the estimate is unknown", async () => {
      const order = await api.order(last.id);
      return order.queue?.estimatedSeconds === null ? order : null;
    });
    assert.equal(stalled.queue?.ahead, count - 1);
    const stream = await openStream<Order>(`${api.baseUrl}/api/v1/orders/${last.id}/stream`);
    const pending = await stream.untilMessage("it is pending", ({ status }) => status === "PENDING");
    assert.deepEqual(pending.data.queue, { ahead: count - 1, estimatedSeconds: null });
    const page = await api.get<OrderPage>(`/api/v1/orders?event=${eventCode}&status=PENDING`);
    assert(page.body.content.length > 0 && page.body.content.every((order) => !("queue" in order)));

    // Enough orders that some are still pending while the worker decides others.
    await placePendingOrders(connect(databaseUrl), eventCode, 10_000);
    const newest = (await api.purchase({ eventCode })).body;
    const seen: unknown[] = [];
    await startWorker(environment);
    await untilTrue("the newest is decided", async () => {
      const { status, queue } = await api.order(newest.id);
      if (queue !== undefined && queue.ahead < count + 10_000) seen.push(queue.estimatedSeconds);
      return status !== "PENDING" && queue === undefined;
    });
    assert(seen.some((seconds) => typeof seconds === "number" && seconds >= 0));
    assert(!("queue" in (await api.purchase({ eventCode, waitSeconds: 30 })).body));
    assert.equal(await stream.ended, "ended");
    assert.equal(stream.messages.at(-1)?.data.queue, undefined);
  });

  it("is in the answer to a long poll, which ends at the next version with an ETag, else at the decision", async () => {
    const { api, environment } = await startInstallation(backend, { workers: 0 });
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const { id } = (await api.purchase({ eventCode, key: newKey() })).body;
    const poll = (waitSeconds: number, etag?: string) =>
      api.get<Order | undefined>(`/api/v1/orders/${id}`, {
        prefer: `wait=${waitSeconds}`,
        ...(etag === undefined ? {} : { "if-none-match": etag }),
      });
    const known = (await api.get(`/api/v1/orders/${id}`)).headers.get("etag") ?? "";
    const granted = ({ status, headers, body }: Answer<Order | undefined>) => [
      status,
      headers.get("preference-applied"),
      body?.status,
      body?.queue?.ahead,
    ];

    assert.deepEqual(granted(await poll(1, known)), [304, "wait=1", undefined, undefined]);
    assert.deepEqual(granted(await poll(1)), [200, "wait=1", "PENDING", 0]);
    assert.deepEqual(granted(await poll(30, '"7"')), [200, null, "PENDING", 0]);
    const longPolls = [poll(30, known), poll(30)];
    await startWorker(environment);
    for (const answer of await Promise.all(longPolls)) {
      assert.deepEqual(granted(answer), [200, "wait=30", "CONFIRMED", undefined]);
      assert.equal(answer.headers.get("etag"), '"2"');
      assert.equal(answer.headers.get("retry-after"), null);
    }
    assert.deepEqual(granted(await poll(30)), [200, null, "CONFIRMED", undefined]);
    assert.deepEqual(granted(await poll(30, known)), [200, null, "CONFIRMED", undefined]);
    // Also a decided order can change: it can be cancelled.
    assert.deepEqual(granted(await poll(1, '"2"')), [304, "wait=1", undefined, undefined]);
  });
});
