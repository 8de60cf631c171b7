// The published client on a real installation.
import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import {
  createEvent,
  getOrder,
  listOrders,
  NetworkError,
  type Order,
  PurchaseDeadlineError,
  purchase,
  watchOrder,
  watchSale,
} from "../../../packages/client/src/index.ts";
import { resumingStream } from "../../../packages/client/src/stream/resuming-stream.ts";
import { isOrder } from "../../../packages/client/src/wire/order.ts";
import { newKey } from "../../support/http/api.ts";
import { startProxy } from "../../support/http/proxy.ts";
import { assertProblem } from "../../support/sdk/problems.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { type Service, startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };

describePipeline("the published client", (backend) => {
  let installation: Installation;
  let client: { baseUrl: string };

  before(async () => {
    installation = await startInstallation(backend);
    client = { baseUrl: installation.api.baseUrl };
  });

  it("creates an event, sells it out, and reads an order", async () => {
    const code = newKey();
    const ticketTypes = [{ ticketType: "STANDARD", total: 3 }];
    const event = await createEvent(client, { code, name: "Jazz Night", ...times, ticketTypes });
    assert.deepEqual([event.code, event.ticketTypes], [code, ticketTypes]);

    const request = { eventCode: code, ticketType: "STANDARD", quantity: 2 };
    const bought = await purchase(client, { ...request, customerRef: "customer-4711" });
    const tooMany = await purchase(client, request, { strategy: "pessimistic" });
    const last = await purchase(client, { ...request, quantity: 1 });
    const none = await purchase(client, { ...request, quantity: 1 });

    assert.deepEqual([bought.status, bought.quantity, bought.customerRef], ["CONFIRMED", 2, "customer-4711"]);
    assert.deepEqual([tooMany.status, tooMany.reason?.code], ["REJECTED", "insufficient-stock"]);
    assert.equal(tooMany.strategy, "pessimistic");
    assert.equal(last.status, "CONFIRMED");
    assert.deepEqual([none.status, none.reason?.code], ["REJECTED", "sold-out"]);
    assert.deepEqual(await getOrder(client, bought.id), bought);
    await installation.api.assertSound(code);
  });

  it("gets the same order for the same key, also for purchases at the same time", async () => {
    const eventCode = await installation.api.createEvent({ STANDARD: 100 });
    const idempotencyKey = newKey();
    const request = { eventCode, ticketType: "STANDARD", quantity: 1 };
    const buy = () => purchase(client, request, { idempotencyKey });
    const orders = await Promise.all(Array.from({ length: 20 }, buy));
    assert.equal(new Set(orders.map(({ id }) => id)).size, 1);
    const other = purchase(client, { ...request, quantity: 2 }, { idempotencyKey });
    await assertProblem(other, 422, "idempotency-key-reused");
    assert.equal((await installation.api.audit(eventCode)).orders.total, 1);
  });

  it("lists the orders of all pages, each order once", async () => {
    const { api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 20 });
    const answers = await Promise.all(Array.from({ length: 25 }, () => api.purchase({ eventCode, waitSeconds: 20 })));
    const listed = await collect(listOrders(client, { event: eventCode, size: 4 }));
    assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set(answers.map(({ body }) => body.id)));
    assert.equal(listed.length, 25);
    const rejected = await collect(listOrders(client, { event: eventCode, status: "REJECTED", size: 5 }));
    assert.equal(rejected.length, 5);
    assert.deepEqual(await collect(listOrders(client, { event: newKey() })), []);
  });

  it("throws the problems of the API with their codes", async () => {
    const { api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 1 });
    const buy = (part: object) => purchase(client, { eventCode, ticketType: "STANDARD", quantity: 1, ...part });
    const invalid = await assertProblem(buy({ quantity: 0 }), 400, "validation-failed");
    assert.deepEqual(invalid.problem.errors?.[0]?.pointer, "/quantity");
    assert.match(invalid.problem.requestId, /./);
    await assertProblem(buy({ eventCode: newKey() }), 404, "event-not-found");
    await assertProblem(buy({ ticketType: "NONE" }), 404, "ticket-type-not-found");
    await assertProblem(getOrder(client, "no-such-order"), 404, "order-not-found");
    await assertProblem(getOrder(client, "../inventory"), 404, "order-not-found");
    await assertProblem(createEvent(client, { code: eventCode, name: "Again", ...times }), 409, "event-exists");
    await assertProblem(collect(watchOrder(client, "no-such-order")), 404, "order-not-found");
    await assertProblem(collect(watchSale(client, newKey())), 404, "event-not-found");
    await assertProblem(collect(listOrders(client, { size: 0 })), 400, "validation-failed");
  });

  it("ends at once when it watches an order that is decided already", async () => {
    const eventCode = await installation.api.createEvent({ STANDARD: 1 });
    const { id, version } = await purchase(client, { eventCode, ticketType: "STANDARD", quantity: 1 });
    assert.deepEqual(
      (await collect(watchOrder(client, id))).map(({ status }) => status),
      ["CONFIRMED"],
    );
    assert.deepEqual(await collect(watchOrder(client, id, { lastVersion: version })), []);
  });

  it("watches a sale over broken connections", async () => {
    const eventCode = await installation.api.createEvent({ STANDARD: 10 });
    const proxy = await startProxy(client.baseUrl);
    const seen: number[] = [];
    for await (const { inventory, ...sale } of watchSale({ baseUrl: proxy.url }, eventCode)) {
      assert.equal(sale.eventCode, eventCode);
      const available = inventory[0]?.available ?? -1;
      if (available === seen.at(-1)) continue;
      seen.push(available);
      if (available <= 6) break;
      proxy.breakConnections();
      await purchase(client, { eventCode, ticketType: "STANDARD", quantity: 2 });
    }
    assert.deepEqual(seen, [10, 8, 6]);
  });
});

describePipeline("the published client when things fail", (backend) => {
  let installation: Installation;

  before(async () => {
    installation = await startInstallation(backend, { workers: 0 });
  });

  /** An event whose purchases stay pending until a worker starts, and a client of the shared or the given gateway. */
  async function arrange(gateway: Pick<Service, "url"> | undefined = installation.gateways[0]) {
    const { api, environment } = installation;
    const eventCode = await api.createEvent({ STANDARD: 10 });
    return {
      api,
      environment,
      eventCode,
      client: { baseUrl: gateway?.url ?? "" },
      /** Waits until this number of orders is recorded. */
      recorded: (count: number) =>
        untilTrue(`${count} orders are recorded`, async () => (await api.audit(eventCode)).orders.total === count),
    };
  }

  it("makes one order when the gateway is killed during the purchase and restarted", async () => {
    const gateway = await startGateway(installation.environment);
    const { environment, client, eventCode, recorded } = await arrange(gateway);
    const buying = purchase(client, { eventCode, ticketType: "STANDARD", quantity: 1 }, { deadlineMs: 60_000 });
    await recorded(1);
    await gateway.kill();
    const [successor] = await Promise.all([
      startGateway({ ...environment, PORT: new URL(client.baseUrl).port }),
      startWorker(environment),
    ]);
    assert.equal(new URL(successor.url).port, new URL(client.baseUrl).port);
    assert.equal((await buying).status, "CONFIRMED");
    assert.equal((await collect(listOrders(client, { event: eventCode }))).length, 1);
  });

  it("makes one order when answers are lost on the way", async () => {
    const { environment, client, eventCode, recorded } = await arrange();
    const proxy = await startProxy(client.baseUrl);
    const request = { eventCode, ticketType: "STANDARD", quantity: 1 };
    const posts: string[] = [];
    const fetch: typeof globalThis.fetch = (url, init) => {
      if (init?.method === "POST") posts.push(new Headers(init.headers).get("idempotency-key") ?? "");
      return globalThis.fetch(url, init);
    };
    const buying = purchase({ baseUrl: proxy.url, fetch }, request, { deadlineMs: 60_000 });
    await recorded(1);
    await untilTrue("the third try is made", () => {
      proxy.breakConnections();
      return posts.length >= 3;
    });
    await startWorker(environment);
    assert.equal((await buying).status, "CONFIRMED");
    assert.equal(new Set(posts).size, 1);
    assert.equal((await collect(listOrders(client, { event: eventCode }))).length, 1);
  });

  it("returns the pending order at the deadline; watchOrder follows it over broken connections", async () => {
    const { api, environment, client, eventCode } = await arrange();
    await api.purchase({ eventCode });
    const request = { eventCode, ticketType: "STANDARD", quantity: 1 };
    const order = await purchase(client, request, { deadlineMs: 3_000 });
    assert.deepEqual([order.status, order.queue?.ahead], ["PENDING", 1]);

    const proxy = await startProxy(client.baseUrl);
    let connectionCount = 0;
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const response = await globalThis.fetch(url, init);
      connectionCount++;
      return response;
    };
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { status } of watchOrder({ baseUrl: proxy.url, fetch }, order.id)) seen.push(status);
    })();
    await untilTrue("it is pending", () => seen.length === 1);
    for (const count of [1, 2]) {
      await untilTrue("it is connected", () => connectionCount === count);
      proxy.breakConnections();
    }
    await startWorker(environment);
    await watching;
    assert.deepEqual(seen, ["PENDING", "CONFIRMED"]);
  });

  it("notices a connection that is open but dead, and connects again", async () => {
    const { api, environment, client, eventCode } = await arrange();
    const { id } = (await api.purchase({ eventCode })).body;
    const proxy = await startProxy(client.baseUrl);
    const options = { path: `/orders/${id}/stream`, event: "order", isExpected: isOrder, lastEventId: "" };
    const seen: Order[] = [];
    const watching = (async () => {
      for await (const order of resumingStream({ baseUrl: proxy.url }, { ...options, silenceMs: 500 })) {
        seen.push(order);
        if (order.status !== "PENDING") return;
      }
    })();
    await untilTrue("it is connected", () => seen.length === 1);
    proxy.muteConnections();
    await startWorker(environment);
    await watching;
    assert.equal(seen.at(-1)?.status, "CONFIRMED");
  });

  it("ends at once when it is aborted, and finds the order again with the same key", async () => {
    const { environment, client, eventCode, recorded } = await arrange();
    const request = { eventCode, ticketType: "STANDARD", quantity: 1 };
    const idempotencyKey = newKey();
    const buyer = new AbortController();
    const buying = purchase(client, request, { idempotencyKey, signal: buyer.signal });
    const rejected = assert.rejects(buying, { name: "AbortError" });
    await recorded(1);
    buyer.abort();
    await rejected;
    await startWorker(environment);
    assert.equal((await purchase(client, request, { idempotencyKey })).status, "CONFIRMED");
    await recorded(1);
  });

  it("throws the key for another try when it reaches no gateway", async () => {
    const gateway = await startGateway(installation.environment);
    const { client, eventCode } = await arrange(gateway);
    await gateway.kill();
    const request = { eventCode, ticketType: "STANDARD", quantity: 1 };
    const isDeadline = (error: unknown) =>
      error instanceof PurchaseDeadlineError && error.idempotencyKey === "mine" && error.cause instanceof NetworkError;
    await assert.rejects(purchase(client, request, { idempotencyKey: "mine", deadlineMs: 300 }), isDeadline);
    await assert.rejects(getOrder(client, "any"), NetworkError);
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected = [];
  for await (const item of items) collected.push(item);
  return collected;
}
