// A sale whose workers stop: purchases are refused once too many orders are pending, before anything is stored.
import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { ageOrders, placePendingOrders } from "../../support/database/backlog.ts";
import { connect } from "../../support/database/database.ts";
import { type Api, newKey } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { startWorker } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";

/** So many orders of one event may always be pending. */
const eventFloor = 1_000;
const pendingSecondsMax = 15;

describePipeline("a full queue", (backend) => {
  let installation: Installation;
  let apis: Installation["apis"];
  let api: Api;
  let db: Db;
  let eventCode: string;

  before(async () => {
    const settings = { PENDING_SECONDS_MAX: String(pendingSecondsMax) };
    installation = await startInstallation(backend, { gateways: 2, settings });
    ({ api, apis } = installation);
    db = connect(installation.databaseUrl);
    eventCode = await api.createEvent({ STANDARD: 100_000 });
  });

  const countOrders = async () => {
    const { rows } = await sql<{ count: number }>`SELECT count(*) FROM orders`.execute(db);
    return rows[0]?.count;
  };

  const untilRefused = (gateway: Api) =>
    until("a purchase is refused", async () => {
      const answer = await gateway.purchase({ eventCode });
      return answer.status === 503 ? answer : null;
    });

  it("refuses purchases of its event and stores nothing, and has room when workers run again", async () => {
    const purchase = { eventCode, ticketType: "STANDARD", quantity: 1, hold: true, holdSeconds: 600 };
    const headers = { "idempotency-key": newKey(), prefer: "wait=30" };
    const held = await api.post<Order>("/api/v1/orders/purchase", purchase, headers);
    assert.equal(held.body.status, "HELD");
    for (const worker of installation.workers) await worker.stop();
    const key = newKey();
    const first = await api.purchase({ eventCode, key });
    assert.equal(first.status, 202);
    await placePendingOrders(db, eventCode, eventFloor);
    // An hour ago, so that the best rate of the last 15 s and the time since the last decision do not matter.
    await ageOrders(db, eventCode, 3_600);

    for (const gateway of apis) {
      // The second one learns of the first one's orders with its next count, which its own purchases cause.
      const { body, headers } = await untilRefused(gateway);
      const { code, retryable, detail } = body;
      assert.deepEqual([code, retryable], ["queue-full", true]);
      assert.match(detail, /^\d+ orders of this event wait for a decision\./);
      const seconds = Number(headers.get("retry-after"));
      assert(seconds >= 1 && seconds <= pendingSecondsMax, `${seconds} s`);
    }
    const countBefore = await countOrders();
    for (const gateway of [...apis, ...apis]) {
      assert.equal((await gateway.purchase({ eventCode })).body.code, "queue-full");
      const again = await gateway.purchase({ eventCode, key });
      assert.deepEqual([again.status, again.body.id], [202, first.body.id]);
      assert.equal(again.headers.get("idempotent-replayed"), "true");
      const reused = await gateway.purchase({ eventCode, key, quantity: 2 });
      assert.equal(reused.body.code, "idempotency-key-reused");
    }
    assert.equal(await countOrders(), countBefore);
    assert((await api.metric('admission_rejected_total{reason="queue-full"}')) >= 2);
    assert((await api.metric("orders_pending_limit")) >= 5_000);

    const other = await api.createEvent({ STANDARD: 10 });
    assert.equal((await api.purchase({ eventCode: other })).status, 202);
    const confirmed = await api.post<Order>(`/api/v1/orders/${held.body.id}/confirm`, undefined);
    assert.deepEqual([confirmed.status, confirmed.body.status], [200, "CONFIRMED"]);
    assert.equal((await api.get(`/api/v1/orders/${first.body.id}`)).status, 200);

    await startWorker(installation.environment);
    await untilAllDecided(api, eventCode);
    for (const gateway of apis) {
      await untilTrue("a purchase is accepted", async () => (await gateway.purchase({ eventCode })).status === 202);
    }
    await untilAllDecided(api, eventCode);
    await untilAllDecided(api, other);
    await api.assertSound(eventCode);
  });
});
