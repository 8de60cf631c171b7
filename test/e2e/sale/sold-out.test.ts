import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import { type Answer, type Api, newKey } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { until, untilTrue } from "../../support/until.ts";

const trustedMs = 250;

describePipeline("a ticket type that is sold out", (backend) => {
  let installation: Installation;
  let api: Api;

  before(async () => {
    installation = await startInstallation(backend, { gateways: 2, settings: { SOLD_OUT: "refuse" } });
    ({ api } = installation);
  });

  const isRefused = ({ status, body }: Answer<Problem | Order>) =>
    status === 409 && "code" in body && body.code === "sold-out";

  /** Creates an event and sells its only ticket; returns the key and the order of that purchase. */
  async function sellOut(gateway = api) {
    const eventCode = await api.createEvent({ STANDARD: 1 });
    const key = newKey();
    const bought = await api.purchase({ eventCode, key, waitSeconds: 10 });
    assert.equal(bought.body.status, "CONFIRMED");
    await untilTrue("purchases are refused", async () => isRefused(await gateway.purchase({ eventCode })));
    return { eventCode, key, bought: bought.body };
  }

  it("is refused at once by every gateway, and the refusals are not recorded", async () => {
    const { eventCode } = await sellOut();
    for (const gateway of installation.apis) {
      await untilTrue("purchases are refused", async () => isRefused(await gateway.purchase({ eventCode })));
    }
    // A gateway whose information is older than a quarter of a second records a purchase rather than refuse it wrongly.
    await until("a whole crowd is refused", async () => {
      const countBefore = (await api.audit(eventCode)).orders.total;
      const refusedBefore = await api.metric('admission_rejected_total{reason="sold-out"}');
      const crowd = Array.from({ length: 50 }, () => api.purchase({ eventCode, waitSeconds: 5 }));
      const refusedCount = (await Promise.all(crowd)).filter(isRefused).length;
      assert.equal((await api.audit(eventCode)).orders.total, countBefore + 50 - refusedCount);
      assert.equal(await api.metric('admission_rejected_total{reason="sold-out"}'), refusedBefore + refusedCount);
      return refusedCount === 50 || undefined;
    });
    await api.assertSound(eventCode);
  });

  it("does not affect replays: they return their order, and another purchase with the key is 422", async () => {
    const { eventCode, key, bought } = await sellOut();
    const replay = await api.purchase({ eventCode, key });
    assert.deepEqual([replay.status, replay.headers.get("idempotent-replayed")], [200, "true"]);
    assert.deepEqual(replay.body, bought);
    const other = await api.purchase({ eventCode, key, quantity: 2 });
    assert.deepEqual([other.status, "code" in other.body && other.body.code], [422, "idempotency-key-reused"]);
  });

  it("leaves the keys of refused purchases unused", async () => {
    const { eventCode } = await sellOut();
    const key = newKey();
    assert(isRefused(await api.purchase({ eventCode, key })));
    await api.put(`/api/v1/inventory/${eventCode}/STANDARD`, { total: 10 });
    const bought = await until("it is recorded", async () => {
      const answer = await api.purchase({ eventCode, key, quantity: 2, waitSeconds: 10 });
      return isRefused(answer) ? null : answer;
    });
    assert.deepEqual([bought.status, bought.body.status], [200, "CONFIRMED"]);
  });

  it("is on sale again with new stock: from a quarter of a second later on, no purchase is refused", async () => {
    for (const gateway of installation.apis) {
      const { eventCode } = await sellOut(gateway);
      await api.put(`/api/v1/inventory/${eventCode}/STANDARD`, { total: 10_000 });
      const restockedAtMs = performance.now();
      const refusedLate: number[] = [];
      for (let sentMs = restockedAtMs; sentMs < restockedAtMs + 3 * trustedMs; sentMs = performance.now()) {
        const answer = await gateway.purchase({ eventCode });
        if (isRefused(answer) && sentMs > restockedAtMs + trustedMs) refusedLate.push(sentMs - restockedAtMs);
      }
      assert.deepEqual(refusedLate, []);
    }
  });

  it("refuses a basket with it, and one that may be granted in part only when all of its types are sold out", async () => {
    const eventCode = await api.createEvent({ STANDARD: 1, VIP: 2 });
    const items = ["STANDARD", "VIP"].map((ticketType) => ({ ticketType, quantity: 1 }));
    const buyBasket = (part: object = {}) => {
      const headers = { "idempotency-key": newKey(), prefer: "wait=10" };
      return api.post<Order & Omit<Problem, "status">>(
        "/api/v1/orders/purchase",
        { eventCode, items, ...part },
        headers,
      );
    };
    await api.purchase({ eventCode, waitSeconds: 10 });
    await untilTrue("baskets are refused", async () => isRefused(await buyBasket()));
    const some = await until("a part is granted", async () => {
      const { body } = await buyBasket({ allowPartial: true });
      return body.status === "CONFIRMED" ? body : null;
    });
    assert.deepEqual(some.items, [{ ticketType: "VIP", quantity: 1 }]);
    await api.purchase({ eventCode, ticketType: "VIP", waitSeconds: 10 });
    await untilTrue("it has nothing left", async () => isRefused(await buyBasket({ allowPartial: true })));
    await api.assertSound(eventCode);
  });

  it("says how many tickets are only held, while the key of their hold is still answered with it", async () => {
    const eventCode = await api.createEvent({ STANDARD: 3 });
    await api.purchase({ eventCode, waitSeconds: 10 });
    const body = { eventCode, ticketType: "STANDARD", quantity: 2, hold: true };
    const headers = { "idempotency-key": newKey(), prefer: "wait=10" };
    const held = await api.post<Order>("/api/v1/orders/purchase", body, headers);
    assert.equal(held.body.status, "HELD");
    const refused = await until("purchases are refused", async () => {
      const answer = await api.purchase({ eventCode });
      return isRefused(answer) ? answer.body : null;
    });
    assert.deepEqual([refused.held, refused.retryable], [2, true]);
    const replay = await api.post<Order>("/api/v1/orders/purchase", body, headers);
    assert.deepEqual([replay.status, replay.headers.get("idempotent-replayed"), replay.body], [200, "true", held.body]);
    await api.post(`/api/v1/orders/${held.body.id}/confirm`, {});
    const final = await until("nothing is held", async () => {
      const answer = await api.purchase({ eventCode });
      return isRefused(answer) && answer.body.held === undefined ? answer.body : null;
    });
    assert.equal(final.retryable, false);
    await api.assertSound(eventCode);
  });

  it("leaves the event's other types on sale, and too large an order for them gets its own reason", async () => {
    const eventCode = await api.createEvent({ STANDARD: 1, VIP: 2 });
    assert.equal((await api.purchase({ eventCode, waitSeconds: 10 })).body.status, "CONFIRMED");
    await untilTrue("purchases are refused", async () => isRefused(await api.purchase({ eventCode })));
    const many = await api.purchase({ eventCode, ticketType: "VIP", quantity: 3, waitSeconds: 10 });
    assert.deepEqual([many.status, many.body.reason?.code], [200, "insufficient-stock"]);
    const one = await api.purchase({ eventCode, ticketType: "VIP", waitSeconds: 10 });
    assert.equal(one.body.status, "CONFIRMED");
  });
});
