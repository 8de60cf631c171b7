// The waiting list over HTTP, with two gateways and two workers.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Event } from "@onsale/contracts/event";
import type { Order, Transition } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { expireHold } from "../../support/database/holds.ts";
import { type Api, createApi, newKey, readMetric } from "../../support/http/api.ts";
import { openStream } from "../../support/http/event-stream.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
/** A second, and what a busy machine adds. */
const offerWithinMs = 3_000;

describe("the waiting list", () => {
  let db: Db;
  let apis: readonly [Api, Api];
  let workerUrls: readonly string[];
  before(async () => {
    const url = await createTestDatabase();
    db = connect(url);
    const environment = { DATABASE_URL: url };
    const [first, second, ...workers] = await Promise.all([
      startGateway(environment),
      startGateway(environment),
      startWorker(environment),
      startWorker(environment),
    ]);
    apis = [createApi(first.url), createApi(second.url)];
    workerUrls = workers.map((worker) => worker.url);
  });

  /** An event whose tickets the first order has. */
  async function sellOut(total: number, rules: object = {}): Promise<{ code: string; holder: Order }> {
    const code = newKey();
    const ticketTypes = [{ ticketType: "STANDARD", total }];
    const { status } = await apis[0].post("/api/v1/events", { code, name: "A show", ...times, ticketTypes, ...rules });
    assert.equal(status, 201);
    const holder = (await buy(code, { ticketType: "STANDARD", quantity: total })).body;
    assert.equal(holder.status, "CONFIRMED");
    return { code, holder };
  }
  const buy = (eventCode: string, body: object, api = apis[0]) =>
    api.post<Order & Omit<Problem, "status">>(
      "/api/v1/orders/purchase",
      { eventCode, ...body },
      { "idempotency-key": newKey(), prefer: "wait=10" },
    );
  async function wait(code: string, quantity = 1, api = apis[0]): Promise<Order> {
    const { status, body } = await buy(code, { ticketType: "STANDARD", quantity, waitlist: true }, api);
    assert.deepEqual([status, body.status], [200, "WAITING"]);
    return body;
  }
  const change = (id: string, action: string, body: object = {}) =>
    apis[1].post<Order & Omit<Problem, "status">>(`/api/v1/orders/${id}/${action}`, body);
  const untilStatus = (id: string, status: string) =>
    untilTrue(`${id} is ${status}`, async () => (await apis[1].order(id)).status === status);
  const history = async (id: string) => (await apis[0].get<Transition[]>(`/api/v1/orders/${id}/history`)).body;

  it("is an answer at once, with the place in line, and a stream and a long poll that go on to the offer", async () => {
    const { code, holder } = await sellOut(1);
    const first = await wait(code);
    const second = await wait(code, 1, apis[1]);
    assert.notEqual(first.decidedAt, null);
    assert.deepEqual([first.waitlist?.position, second.waitlist?.position], [1, 2]);
    assert.deepEqual((await apis[1].order(second.id)).waitlist, { position: 2, estimatedSeconds: null });
    assert.equal(
      (await apis[0].get<Order>(`/api/v1/orders/${second.id}`, { prefer: "wait=10" })).body.status,
      "WAITING",
    );

    const stream = await openStream<Order>(`${apis[0].baseUrl}/api/v1/orders/${second.id}/stream`);
    const poll = apis[1].get<Order>(`/api/v1/orders/${first.id}`, { prefer: "wait=20", "if-none-match": '"2"' });
    await change(holder.id, "cancel");
    const offered = (await poll).body;
    assert.deepEqual([offered.status, offered.version, offered.waitlist], ["HELD", 3, undefined]);
    assert.notEqual(offered.expiresAt, null);
    assert.equal((await change(first.id, "confirm")).body.status, "CONFIRMED");
    await change(second.id, "cancel", { reason: "I cannot come." });
    await stream.ended;
    const seen = stream.messages.map(({ data }) => [data.status, data.waitlist?.position]);
    assert.deepEqual(
      [seen[0], seen.at(-1)],
      [
        ["WAITING", 2],
        ["CANCELLED", undefined],
      ],
    );
    await apis[0].assertSound(code);
  });

  it("offers a ticket whose offer lapsed to the next within a second", async () => {
    const { code, holder } = await sellOut(1);
    const [first, second] = [await wait(code), await wait(code)];
    await change(holder.id, "cancel");
    await untilStatus(first.id, "HELD");
    const lapsedAtMs = performance.now();
    await expireHold(db, first.id);
    await untilStatus(second.id, "HELD");
    const tookMs = performance.now() - lapsedAtMs;
    assert(tookMs < offerWithinMs, `the next offer came after ${tookMs} ms`);
    assert.equal((await apis[0].order(first.id)).status, "EXPIRED");
    await untilTrue("the offers are counted", async () => {
      const counts = await Promise.all(workerUrls.map((url) => readMetric(`${url}/metrics`, "offers_made_total")));
      return counts.reduce((sum, count) => sum + count, 0) >= 3;
    });
    await apis[0].assertSound(code);
  });

  it("that is strict never lets a smaller order pass, an order that came later neither", async () => {
    const { code, holder } = await sellOut(3, { waitlistPolicy: "strict" });
    const [large, small] = [await wait(code, 3), await wait(code, 1)];
    await change(holder.id, "cancel", { items: [{ ticketType: "STANDARD", quantity: 2 }] });
    const late = await buy(code, { ticketType: "STANDARD", quantity: 1 });
    assert.deepEqual([late.body.status, late.body.reason?.code], ["REJECTED", "waiting-list-first"]);
    assert.equal((await apis[0].order(small.id)).status, "WAITING");
    await change(holder.id, "cancel");
    await untilStatus(large.id, "HELD");
    assert.equal((await apis[0].order(small.id)).status, "WAITING");
    await change(large.id, "cancel", { items: [{ ticketType: "STANDARD", quantity: 1 }] });
    await untilStatus(small.id, "HELD");
    await apis[0].assertSound(code);
  });

  it("is left by a cancellation, whole or in part; an order on it cannot be confirmed or extended", async () => {
    const { code, holder } = await sellOut(4);
    const [leaver, basket] = [await wait(code), await wait(code, 4)];
    const confirmed = await change(basket.id, "confirm", { paymentReference: "pay-1" });
    assert.deepEqual([confirmed.status, confirmed.body.code], [409, "order-not-confirmable"]);
    const extended = await change(basket.id, "extend", { holdSeconds: 600 });
    assert.deepEqual([extended.status, extended.body.code], [409, "order-not-held"]);
    const shorter = await change(basket.id, "cancel", { items: [{ ticketType: "STANDARD", quantity: 2 }] });
    assert.deepEqual([shorter.body.status, shorter.body.quantity], ["WAITING", 2]);
    assert.equal((await change(leaver.id, "cancel")).body.status, "CANCELLED");
    await untilTrue("it is first", async () => (await apis[0].order(basket.id)).waitlist?.position === 1);
    await change(holder.id, "cancel");
    await untilStatus(basket.id, "HELD");
    await apis[0].assertSound(code);
  });

  it("goes on while the sale is paused, and ends with it", async () => {
    const { code, holder } = await sellOut(1);
    const [first, second] = [await wait(code), await wait(code)];
    await apis[0].patch<Event>(`/api/v1/events/${code}`, { paused: true });
    await change(holder.id, "cancel");
    await untilStatus(first.id, "HELD");
    const salesEnd = new Date(Date.now() - 1_000).toISOString();
    assert.equal((await apis[1].patch<Event>(`/api/v1/events/${code}`, { salesEnd })).body.sale.state, "closed");
    await untilStatus(second.id, "CANCELLED");
    const last = (await history(second.id)).at(-1);
    assert.deepEqual(
      [last?.from, last?.to, last?.actor, last?.reason],
      ["WAITING", "CANCELLED", "onsale", "sale-ended"],
    );
    assert.equal((await change(first.id, "confirm")).body.status, "CONFIRMED");
    await apis[0].assertSound(code);
  });
});
