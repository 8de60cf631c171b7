// A deploy in mid-sale, from the version before orders had a life after their decision.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import { apiOf, deploy, hold, startOldSale } from "../../support/services/deploy.ts";
import { until } from "../../support/until.ts";

describe("a deploy in mid-sale", () => {
  it("loses nothing, sells nothing twice, and refuses what old processes cannot do until they are gone", async () => {
    await deploy(await startOldSale(5_000), "stop");
  });

  it("an old worker that starts again sells no hold and no basket, and sells on", async () => {
    const sale = await startOldSale(10);
    const { newWorker } = await deploy(sale, "stop");
    const { gateways, eventCode, old, environment } = sale;
    const [gateway] = gateways;
    assert(gateway !== undefined);
    const api = apiOf(gateway);
    await api.put(`/api/v1/inventory/${eventCode}/VIP`, { total: 10 });
    await newWorker.stop();

    const purchase = (body: object, key: string) =>
      api.post<Order>("/api/v1/orders/purchase", { eventCode, ...body }, { "idempotency-key": key });
    const items = ["STANDARD", "VIP"].map((ticketType) => ({ ticketType, quantity: 1 }));
    const accepted = await Promise.all([
      purchase({ ticketType: "STANDARD", quantity: 1, hold: true }, "hold"),
      purchase({ items }, "basket"),
      purchase({ items, hold: true }, "basket on hold"),
      purchase({ ticketType: "STANDARD", quantity: 1 }, "plain"),
    ]);
    assert.deepEqual(
      accepted.map(({ status }) => status),
      [202, 202, 202, 202],
    );

    await old.startWorker(environment);
    const decided = await until("they are decided", async () => {
      const orders = await Promise.all(accepted.map(({ body }) => api.order(body.id)));
      return orders.every(({ status }) => status !== "PENDING") ? orders : undefined;
    });
    assert.deepEqual(
      decided.map(({ status, reason }) => [status, reason?.code]),
      [...Array.from({ length: 3 }, () => ["REJECTED", "internal-error"]), ["CONFIRMED", undefined]],
    );
    await api.assertSound(eventCode);
    const { status, body } = await hold(sale);
    assert.deepEqual([status, body.code], [503, "upgrade-in-progress"]);
    assert.equal((await purchase({ ticketType: "STANDARD", quantity: 1, hold: true }, "hold")).status, 200);
  });
});
