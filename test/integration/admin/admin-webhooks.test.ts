import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { ActivityPage } from "@onsale/admin/console/messages/event-messages";
import type { DeliveryPage, EndpointLine, EndpointPage } from "@onsale/admin/console/messages/webhook-messages";
import type { Db } from "@onsale/database/client";
import { recordAttempt } from "@onsale/database/statements/deliveries/record-attempt";
import { deleteWebhook } from "@onsale/database/statements/webhooks/delete-webhook";
import { sql } from "kysely";
import { type AdminClient, logIn, request, startAdminService } from "../../support/browser/admin.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, createTestEvent, placeOrders } from "../../support/database/factories.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import {
  createDeliveries,
  createEndpoint,
  disableEndpoint,
  newAttempt,
  readDelivery,
  readEndpoint,
  successfulAttempt,
} from "../../support/webhooks/webhook-factories.ts";

const nobody = "01990000-0000-7000-8000-00000000ffff";

describe("webhooks in the console", () => {
  let db: Db;
  let url: string;
  let admin: AdminClient;
  let reader: AdminClient;

  before(async () => {
    const databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const environment = { DATABASE_URL: databaseUrl };
    const [service, readOnlyService] = await Promise.all([
      startAdminService(environment),
      startAdminService({ ...environment, ADMIN_READ_ONLY: "1" }),
    ]);
    url = service.url;
    [admin, reader] = await Promise.all([logIn(service.url), logIn(readOnlyService.url)]);
  });

  const post = async (path: string, client = admin) => {
    const { status, text } = await client.send("POST", `/api/webhooks/${path}`);
    return { status, message: String(JSON.parse(text).message) };
  };
  const activityOf = async (id: string) => {
    const { activities } = await admin.get<ActivityPage>(`/api/webhooks/${id}/activity`);
    return activities.map(({ actor, text }) => `${actor}: ${text}`);
  };

  /** An endpoint with a delivery that arrived and one that failed, each of an order of its own. */
  async function arrange() {
    const event = await createTestEvent(db, { STANDARD: 10 });
    const [one, other] = await placeOrders(db, event, [{}, {}]);
    assert(one !== undefined && other !== undefined);
    const endpoint = await createEndpoint(db, { accountId: event.accountId, eventId: event.id });
    const [delivered = "", failed = ""] = await createDeliveries(db, endpoint, 2);
    for (const [id, orderId] of [
      [delivered, one.id],
      [failed, other.id],
    ]) {
      await sql`UPDATE webhook_deliveries SET order_id = ${orderId}, type = 'order.confirmed' WHERE id = ${id}`.execute(
        db,
      );
    }
    await recordAttempt(db, successfulAttempt(delivered));
    await recordAttempt(db, newAttempt(failed, { nextDelayMs: null }));
    return { event, one, other, endpoint, delivered, failed };
  }

  it("are listed with what people need to judge them, and without what may be secret", async () => {
    const accountId = await createAccount(db);
    const event = await createTestEvent(db, { STANDARD: 1 }, accountId);
    const address = "https://hooks.test:8443/services/T0123456789ABCDEF/in?token=hidden";
    const id = await createEndpoint(db, { accountId, url: address, eventId: event.id, types: ["order.held"] });
    const [first = "", second = ""] = await createDeliveries(db, id, 3);
    await recordAttempt(db, successfulAttempt(first));
    await recordAttempt(db, newAttempt(second));
    const line = await admin.get<EndpointLine>(`/api/webhooks/${id.toUpperCase()}`);
    assert.equal(line.url, "https://hooks.test:8443/services/T012…/in?…");
    assert.deepEqual([line.types, line.event], [["order.held"], { id: event.id, code: event.code }]);
    assert.deepEqual([line.state, line.pending, line.isPendingMore], ["failing", 2, false]);
    assert(line.lastSuccessAt !== null && line.lastFailureAt !== null && line.failingSince !== null);
    const { text } = await admin.send("GET", "/api/webhooks?state=failing");
    assert.match(text, new RegExp(id));
    assert.doesNotMatch(text, /hidden|456789ABCDEF|secret|sealed/i);
  });

  it("are listed by their state, a page at a time, the newest first", async () => {
    const accountId = await createAccount(db);
    const ids: string[] = [];
    for (let number = 10; number < 36; number++) {
      const id = `ffffffff-0000-7000-8000-0000000000${number}`;
      ids.unshift(await createEndpoint(db, { accountId, id }));
      await disableEndpoint(db, id);
    }
    const page = await admin.get<EndpointPage>("/api/webhooks?state=disabled");
    assert.deepEqual(
      page.endpoints.map(({ id }) => id),
      ids.slice(0, 25),
    );
    assert(page.endpoints.every(({ disabledReason }) => disabledReason === "A test did it."));
    const rest = await admin.get<EndpointPage>(`/api/webhooks?state=disabled&after=${page.next}`);
    assert.equal(rest.endpoints[0]?.id, ids[25]);
    const { endpoints } = await admin.get<EndpointPage>("/api/webhooks?state=working");
    assert(endpoints.every(({ state }) => state === "working"));
  });

  it("show their deliveries by status, type and order, a page at a time", async () => {
    const { endpoint, one, delivered, failed } = await arrange();
    const [ping = ""] = await createDeliveries(db, endpoint, 1);
    const idsOf = async (query: string) => {
      const page = await admin.get<DeliveryPage>(`/api/webhooks/${endpoint}/deliveries?${query}`);
      return page.deliveries.map(({ id }) => id);
    };
    assert.deepEqual(await idsOf(""), [ping, failed, delivered]);
    assert.deepEqual(await idsOf("status=FAILED"), [failed]);
    assert.deepEqual(await idsOf("type=webhook.ping"), [ping]);
    assert.deepEqual(await idsOf(`order=${one.id.toUpperCase()}`), [delivered]);
    assert.deepEqual(await idsOf(`order=${one.id}&status=FAILED`), []);
    await createDeliveries(db, endpoint, 20);
    const first = await admin.get<DeliveryPage>(`/api/webhooks/${endpoint}/deliveries`);
    assert.equal(first.deliveries.length, 20);
    assert.deepEqual(await idsOf(`after=${first.next}`), [ping, failed, delivered]);
    const [shown] = (await admin.get<DeliveryPage>(`/api/webhooks/${endpoint}/deliveries?status=FAILED`)).deliveries;
    assert.deepEqual(
      shown?.attempts.map(({ result, status, responseBody }) => [result, status, responseBody]),
      [["http-error", 500, "no"]],
    );
  });

  it("are disabled, enabled and pinged, and a delivery is sent again, with an entry in the log for each", async () => {
    const { endpoint, delivered } = await arrange();
    assert.deepEqual(await post(`${endpoint}/ping`), {
      status: 200,
      message: "A ping is being sent; its delivery shows the answer.",
    });
    const { deliveries } = await admin.get<DeliveryPage>(`/api/webhooks/${endpoint}/deliveries`);
    assert.deepEqual([deliveries[0]?.type, deliveries[0]?.status], ["webhook.ping", "PENDING"]);
    assert.equal((await post(`${endpoint}/deliveries/${delivered.toUpperCase()}/redeliver`)).status, 200);
    assert.equal((await readDelivery(db, delivered)).status, "PENDING");
    assert.equal((await post(`${endpoint}/disable`)).status, 200);
    assert.equal((await readEndpoint(db, endpoint)).disabled_reason, "Disabled by hand.");
    assert.equal((await post(`${endpoint}/enable`)).status, 200);
    assert.equal((await readEndpoint(db, endpoint)).disabled_at, null);
    assert.deepEqual(await activityOf(endpoint), [
      "console admin: endpoint enabled",
      "console admin: endpoint disabled",
      `console admin: order.confirmed sent again, delivery ${delivered}`,
      "console admin: ping sent",
    ]);
  });

  it("stay as they are when a request is wrong, and the message says why", async () => {
    const { endpoint, delivered } = await arrange();
    const other = await arrange();
    await disableEndpoint(db, other.endpoint);
    const disabled = "The endpoint is disabled, so nothing is sent to it. Enable it first.";
    for (const [path, status, message] of [
      [`${nobody}/ping`, 404, "There is no webhook endpoint with this id."],
      [`${nobody}/disable`, 404, "There is no webhook endpoint with this id."],
      ["x/ping", 400, "In the address, id must be a UUID."],
      [`${endpoint}/enable`, 409, "The endpoint is enabled already."],
      [`${other.endpoint}/disable`, 409, "The endpoint is disabled already."],
      [`${other.endpoint}/ping`, 409, disabled],
      [`${other.endpoint}/deliveries/${other.delivered}/redeliver`, 409, disabled],
      [`${endpoint}/deliveries/${other.delivered}/redeliver`, 404, "The endpoint has no such delivery."],
      [`${endpoint}/deliveries/'/redeliver`, 400, "In the address, deliveryId must be a UUID."],
    ] as const) {
      assert.deepEqual(await post(path), { status, message }, path);
    }
    assert.equal((await readDelivery(db, delivered)).status, "DELIVERED");
    assert.equal((await readDelivery(db, other.delivered)).status, "DELIVERED");
    assert.deepEqual([...(await activityOf(endpoint)), ...(await activityOf(other.endpoint))], []);
    for (const query of ["state=odd", "after=1"]) {
      assert.equal((await admin.send("GET", `/api/webhooks?${query}`)).status, 400, query);
    }
    for (const query of ["status=GONE", "type=order", "order=1", "after=-1"]) {
      assert.equal((await admin.send("GET", `/api/webhooks/${endpoint}/deliveries?${query}`)).status, 400, query);
    }
  });

  it("are shown after a login only, and changed by pages of the service only, and never in read-only mode", async () => {
    const { endpoint, delivered } = await arrange();
    for (const path of ["", `/${endpoint}`, `/${endpoint}/deliveries`, `/${endpoint}/activity`]) {
      assert.equal((await request(`${url}/api/webhooks${path}`)).status, 401, path);
    }
    const origin = { origin: new URL(url).origin };
    for (const action of ["ping", "disable", "enable", `deliveries/${delivered}/redeliver`]) {
      const path = `/api/webhooks/${endpoint}/${action}`;
      assert.equal((await request(`${url}${path}`, { method: "POST", headers: origin })).status, 401, action);
      for (const headers of [{}, { origin: "https://elsewhere.example.com" }, { "sec-fetch-site": "cross-site" }]) {
        assert.equal((await admin.send("POST", path, headers)).status, 403, action);
      }
      assert.equal((await post(`${endpoint}/${action}`, reader)).status, 403, action);
    }
    assert.equal((await readEndpoint(db, endpoint)).disabled_at, null);
    assert.equal((await readDelivery(db, delivered)).status, "DELIVERED");
    assert.deepEqual(await activityOf(endpoint), []);
  });

  it("that are deleted meanwhile are not changed, and nothing is written about them", async () => {
    for (const path of ["ping", "disable", "redeliver"]) {
      const { event, endpoint, failed } = await arrange();
      const { tx, commit } = await openTransaction(db);
      assert(await deleteWebhook(tx, event.accountId, endpoint));
      const answer = post(path === "redeliver" ? `${endpoint}/deliveries/${failed}/redeliver` : `${endpoint}/${path}`);
      await untilBlocked(db);
      await commit();
      assert.equal((await answer).status, 404, path);
      assert.deepEqual(await activityOf(endpoint), [], path);
    }
  });
});
