// A deploy in mid-sale, from the version before orders had a life after their decision.
import { strict as assert } from "node:assert";
import { it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { deploy, startOldSale } from "../../support/services/scenarios/deploy.ts";
import { unpackOldVersion } from "../../support/services/scenarios/old-version.ts";
import { until } from "../../support/until.ts";

describePipeline("a deploy in mid-sale", (backend) => {
  it("loses nothing, sells nothing twice, and refuses what old processes cannot do until they are gone", async () => {
    await deploy(await startOldSale(5_000), "stop");
  });

  it("an old worker that starts again sells no hold and no basket, and sells on", async () => {
    const { api, environment } = await startInstallation(backend, { workers: 0 });
    const eventCode = await api.createEvent({ STANDARD: 10, VIP: 10 });
    const purchase = (body: object, key: string) =>
      api.post<Order & Omit<Problem, "status">>(
        "/api/v1/orders/purchase",
        { eventCode, ...body },
        { "idempotency-key": key },
      );
    const one = { ticketType: "STANDARD", quantity: 1 };
    const items = [one, { ticketType: "VIP", quantity: 1 }];
    const accepted = await Promise.all([
      purchase({ ...one, hold: true }, "hold"),
      purchase({ items }, "basket"),
      purchase({ items, hold: true }, "held-basket"),
      purchase(one, "plain"),
    ]);
    assert.deepEqual(
      accepted.map(({ status }) => status),
      [202, 202, 202, 202],
    );

    await unpackOldVersion().startWorker(environment);
    const decided = await until("they are decided", async () => {
      const orders = await Promise.all(accepted.map(({ body }) => api.order(body.id)));
      return orders.every(({ status }) => status !== "PENDING") ? orders : undefined;
    });
    assert.deepEqual(
      decided.map(({ status, reason }) => [status, reason?.code]),
      [...Array.from({ length: 3 }, () => ["REJECTED", "internal-error"]), ["CONFIRMED", undefined]],
    );
    await api.assertSound(eventCode);

    // An attempt that is accepted before the gateway knows is replayed with its key, so each has its own.
    let attempt = 0;
    const refused = await until("the gateway knows of the old worker", async () => {
      const answer = await purchase({ ...one, hold: true }, `later-${attempt++}`);
      return answer.status === 503 ? answer : undefined;
    });
    assert.equal(refused.body.code, "upgrade-in-progress");
    const replayed = await purchase({ ...one, hold: true }, "hold");
    assert.deepEqual([replayed.status, replayed.body.id], [200, decided[0]?.id]);
  });
});
