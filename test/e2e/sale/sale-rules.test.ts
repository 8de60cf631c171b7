// When purchases are accepted, and how large they may be: over two gateways, one of them with a wrong clock.
import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import type { Event } from "@onsale/contracts/event";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { connect } from "../../support/database/database.ts";
import { type Answer, type Api, createApi, newKey } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { openUnderLoad } from "../../support/services/opening.ts";
import { shiftedBy, startGateway } from "../../support/services/services.ts";

const hourMs = 3_600_000;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describePipeline("the rules of a sale", (backend) => {
  let db: Db;
  let api: Api;
  /** Gateways whose clocks are right, an hour fast and an hour slow. */
  let apis: readonly [Api, Api, Api];

  before(async () => {
    const installation = await startInstallation(backend, { settings: { SOLD_OUT: "refuse" } });
    const shifted = [hourMs, -hourMs].map((ms) => startGateway({ ...installation.environment, ...shiftedBy(ms) }));
    const [fast, slow] = await Promise.all(shifted);
    assert(fast !== undefined && slow !== undefined);
    ({ api } = installation);
    apis = [api, createApi(fast.url), createApi(slow.url)];
    db = connect(installation.databaseUrl);
  });

  const change = async (eventCode: string, rules: object, gateway = api) => {
    const { status, body } = await gateway.patch<Event>(`/api/v1/events/${eventCode}`, rules);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const setType = (eventCode: string, type: string, rules: object) =>
    api.put(`/api/v1/inventory/${eventCode}/${type}`, { total: 100, ...rules });
  const buy = (eventCode: string, fields: object, key = newKey(), gateway = api) =>
    gateway.post<Order & Omit<Problem, "status">>(
      "/api/v1/orders/purchase",
      { eventCode, ...fields },
      { "idempotency-key": key, prefer: "wait=10" },
    );
  const one = { ticketType: "STANDARD", quantity: 1 };
  const codeOf = ({ status, body }: Answer<object>) => (status === 409 && "code" in body ? body.code : status);

  it("open at the same moment at gateways with wrong clocks, and close for new orders only", async (t) => {
    const eventCode = await api.createEvent({ STANDARD: 1_000 });
    const opensAt = inMs(1_500);
    await change(eventCode, { salesStart: opensAt });
    const crowd = await openUnderLoad(db, apis, { eventCode, opensAt, clientCount: 120, untilMs: 30_000 });
    const { acceptedAfterMs, refusedCount } = crowd;
    assert.equal(acceptedAfterMs.length, 120);
    assert.deepEqual(
      acceptedAfterMs.filter((afterMs) => afterMs < 0),
      [],
    );
    assert(refusedCount > 0);
    t.diagnostic(`the first of 120 orders came ${acceptedAfterMs[0]?.toFixed(1)} ms after the opening`);

    const key = newKey();
    const bought = await buy(eventCode, one, key);
    assert.equal(bought.body.status, "CONFIRMED");
    const closesAt = inMs(500);
    await change(eventCode, { salesEnd: closesAt });
    const accepted: Order[] = [];
    for (const gateway of apis) {
      for (;;) {
        const answer = await buy(eventCode, one, newKey(), gateway);
        if (codeOf(answer) === "sale-closed") break;
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        accepted.push(answer.body);
      }
    }
    assert(accepted.every(({ createdAt }) => createdAt < closesAt));
    for (const gateway of apis) {
      const replay = await buy(eventCode, one, key, gateway);
      assert.deepEqual([replay.status, replay.headers.get("idempotent-replayed")], [200, "true"]);
      assert.deepEqual(replay.body, bought.body);
      assert.equal((await buy(eventCode, { ...one, quantity: 2 }, key, gateway)).body.code, "idempotency-key-reused");
    }
    const refused = await buy(eventCode, one);
    assert.equal(refused.body.retryable, false);
    await untilAllDecided(api, eventCode);
    await api.assertSound(eventCode);
  });

  it("do not touch what is in the queue when the sale ends", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const key = newKey();
    const { body: held } = await buy(eventCode, { ...one, hold: true }, key);
    await change(eventCode, { salesEnd: inMs(-1_000) });
    const confirmed = await api.post<Order>(`/api/v1/orders/${held.id}/confirm`, {});
    assert.equal(confirmed.body.status, "CONFIRMED");
    assert.equal((await buy(eventCode, { ...one, hold: true }, key)).body.status, "CONFIRMED");
  });

  it("pause the sale at every gateway within a second, and holds go on", async () => {
    const eventCode = await api.createEvent({ STANDARD: 100_000 });
    const key = newKey();
    const { body: held } = await buy(eventCode, { ...one, hold: true }, key);
    for (const gateway of apis) assert.equal((await buy(eventCode, one, newKey(), gateway)).status, 200);
    assert.equal((await change(eventCode, { paused: true })).sale.state, "paused");
    const pausedAtMs = performance.now();
    const acceptedLate: number[] = [];
    while (performance.now() < pausedAtMs + 1_500) {
      for (const gateway of apis) {
        const sentMs = performance.now();
        const answer = await gateway.purchase({ eventCode });
        if (codeOf(answer) !== "sale-paused" && sentMs > pausedAtMs + 1_000) acceptedLate.push(sentMs - pausedAtMs);
      }
    }
    assert.deepEqual(acceptedLate, []);
    const refused = await buy(eventCode, one);
    assert.deepEqual([codeOf(refused), refused.body.retryable], ["sale-paused", true]);
    assert.equal((await buy(eventCode, { ...one, hold: true }, key)).body.id, held.id);
    assert.equal((await api.post<Order>(`/api/v1/orders/${held.id}/extend`, { holdSeconds: 900 })).status, 200);
    assert.equal((await api.post<Order>(`/api/v1/orders/${held.id}/confirm`, {})).body.status, "CONFIRMED");
    assert.equal((await change(eventCode, { paused: false })).sale.state, "open");
    assert.equal((await buy(eventCode, one)).body.status, "CONFIRMED");
  });

  it("limit an order: a basket by the event's limit, each line by its type's; nothing is recorded", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10 });
    await setType(eventCode, "VIP", { maxPerOrder: 2 });
    await change(eventCode, { maxPerOrder: 4 });
    const item = (ticketType: string, quantity: number) => ({ ticketType, quantity });
    const tooLarge: [number, object][] = [
      [4, item("STANDARD", 5)],
      [2, item("VIP", 3)],
      [4, { items: [item("STANDARD", 3), item("VIP", 2)] }],
      [4, { items: [item("STANDARD", 3), item("STANDARD", 2)] }],
      [2, { items: [item("STANDARD", 1), item("VIP", 1), item("VIP", 2)] }],
      [2, { items: [item("STANDARD", 1), item("VIP", 3)], allowPartial: true }],
    ];
    for (const [maxPerOrder, fields] of tooLarge) {
      const { status, body } = await buy(eventCode, fields);
      assert.deepEqual([status, body.code, body.maxPerOrder, body.retryable], [409, "order-limit", maxPerOrder, false]);
    }
    assert.equal((await api.audit(eventCode)).orders.total, 0);
    const key = newKey();
    const basket = { items: [item("STANDARD", 2), item("VIP", 2)] };
    assert.equal((await buy(eventCode, basket, key)).body.status, "CONFIRMED");
    await change(eventCode, { maxPerOrder: 1 });
    assert.equal((await buy(eventCode, basket, key)).body.status, "CONFIRMED", "the replay of an accepted order");
    assert.equal(codeOf(await buy(eventCode, basket)), "order-limit");
  });

  it("of a ticket type close a whole basket, also when it may be granted in part", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const opensAt = inMs(hourMs);
    await setType(eventCode, "EARLY", { salesEnd: inMs(-hourMs) });
    await setType(eventCode, "LATE", { salesStart: opensAt });
    const basket = (...types: string[]) => ({ items: types.map((ticketType) => ({ ticketType, quantity: 1 })) });
    for (const allowPartial of [false, true]) {
      const ask = async (...types: string[]) => (await buy(eventCode, { ...basket(...types), allowPartial })).body;
      assert.equal((await ask("STANDARD", "EARLY")).code, "sale-closed");
      const notOpen = await ask("STANDARD", "LATE");
      assert.deepEqual([notOpen.code, notOpen.opensAt], ["sale-not-open", opensAt]);
      assert.equal((await ask("EARLY", "LATE")).code, "sale-closed");
    }
    assert.equal((await buy(eventCode, one)).body.status, "CONFIRMED");
    await change(eventCode, { salesStart: inMs(2 * hourMs) });
    assert.equal(codeOf(await buy(eventCode, one)), "sale-not-open", "the event's window holds for all types");
  });
});
