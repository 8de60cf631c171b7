// What endpoints are told of orders that wait.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { WebhookType } from "@onsale/contracts/webhook";
import type { Db } from "@onsale/database/client";
import { redeliverTime } from "@onsale/gateway/webhooks/redelivery";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { placeOrders } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { createWaitlist, terms, type Waitlist } from "../../support/database/waitlist.ts";
import { type DeliveredBody, deliveriesOf, readBodies } from "../../support/webhooks/delivered-bodies.ts";
import { createEndpoint } from "../../support/webhooks/webhook-factories.ts";

describe("a waiting list", () => {
  let db: Db;
  let waitlist: Waitlist;
  before(async () => {
    db = connect(await createTestDatabase());
    waitlist = createWaitlist(db);
  });

  it("is told to endpoints, and to those that have missed it", async () => {
    const { event, holders } = await waitlist.sellOut({ STANDARD: 1 }, []);
    const types: WebhookType[] = ["order.waitlisted", "order.offered", "order.cancelled"];
    const live = await createEndpoint(db, { accountId: event.accountId, types });
    const [waiting] = await placeOrders(db, event, [{ terms: { ...terms, holdSeconds: 60 } }]);
    await decideAll(db, event.id);
    await waitlist.cancel(holders[0]);
    await waitlist.settle(event);
    await waitlist.cancel(waiting);
    const facts = (await deliveriesOf(db, live)).map(({ type, data }) => {
      return [type, data.order.status, data.order.version, data.order.expiresAt === null];
    });
    assert.deepEqual(facts.filter(([, , version]) => version !== undefined).slice(0, 1), [
      ["order.waitlisted", "WAITING", 2, true],
    ]);
    assert.deepEqual(facts.slice(-2), [
      ["order.offered", "HELD", 3, false],
      ["order.cancelled", "CANCELLED", 4, true],
    ]);
    const missing = await createEndpoint(db, { accountId: event.accountId, types });
    await redeliverTime((step) => step(db), {
      accountId: event.accountId,
      endpointId: missing,
      eventId: null,
      from: new Date(0),
      to: new Date("2999-01-01"),
      includeDelivered: false,
      includeMissed: true,
    });
    const sorted = (bodies: readonly DeliveredBody[]) =>
      bodies.map(({ type, data }) => JSON.stringify([type, data])).sort();
    assert.deepEqual(sorted(await readBodies(db, missing)), sorted(await readBodies(db, live)));
  });
});
