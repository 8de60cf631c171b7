import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { recordAttempt } from "@onsale/database/statements/deliveries/record-attempt";
import { sql } from "kysely";
import { type AdminClient, logIn, startAdminService } from "../../support/browser/admin.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import {
  createDeliveries,
  createEndpoint,
  disableEndpoint,
  readDelivery,
  successfulAttempt,
} from "../../support/webhooks/webhook-factories.ts";

describe("sending a delivery again from the console", () => {
  let db: Db;
  let admin: AdminClient;

  before(async () => {
    const databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const service = await startAdminService({ DATABASE_URL: databaseUrl });
    admin = await logIn(service.url);
  });

  /** Two orders, and a delivery of the first one that was successful. */
  async function arrange() {
    const event = await createTestEvent(db, { STANDARD: 10 });
    const [order, other] = await placeOrders(db, event, times(2, {}));
    assert(order !== undefined && other !== undefined);
    const endpointId = await createEndpoint(db, { accountId: event.accountId });
    const [delivery = ""] = await createDeliveries(db, endpointId, 1);
    await sql`UPDATE webhook_deliveries SET order_id = ${order.id} WHERE id = ${delivery}`.execute(db);
    await recordAttempt(db, successfulAttempt(delivery));
    const sendAgain = (orderId: string) => {
      return admin.send("POST", `/api/orders/${orderId}/deliveries/${endpointId}/${delivery}/redeliver`);
    };
    return { order, other, endpointId, sendAgain, status: async () => (await readDelivery(db, delivery)).status };
  }

  it("makes it due at once", async () => {
    const { order, sendAgain, status } = await arrange();
    assert.equal(await status(), "DELIVERED");
    assert.equal((await sendAgain(order.id)).status, 204);
    assert.equal(await status(), "PENDING");
  });

  it("is refused for a delivery of another order, and nothing is sent", async () => {
    const { other, sendAgain, status } = await arrange();
    const response = await sendAgain(other.id);
    assert.deepEqual([response.status, JSON.parse(response.text).message], [404, "This order has no such delivery."]);
    assert.equal(await status(), "DELIVERED");
  });

  it("is refused while the endpoint is disabled, and nothing is sent", async () => {
    const { order, endpointId, sendAgain, status } = await arrange();
    await disableEndpoint(db, endpointId);
    const response = await sendAgain(order.id);
    assert.equal(response.status, 409);
    assert.match(JSON.parse(response.text).message, /^Its endpoint is disabled/);
    assert.equal(await status(), "DELIVERED");
  });
});
