import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Order, OrderPage } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import { createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";

describe("orders", () => {
  let api: Api;
  let eventCode: string;

  before(async () => {
    const environment = { DATABASE_URL: await createTestDatabase() };
    const [gateway] = await Promise.all([startGateway(environment), startWorker(environment)]);
    api = createApi(gateway.url);
    eventCode = await api.createEvent({ STANDARD: 100, VIP: 1 });
  });

  it("a confirmed order shows its tickets, its times and its customer", async () => {
    const { body, headers } = await api.purchase({
      eventCode,
      quantity: 2,
      customerRef: "customer-4711",
      waitSeconds: 10,
    });
    assert.match(body.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    assert.equal(headers.get("location"), `/api/v1/orders/${body.id}`);
    assert.deepEqual(body.items, [{ ticketType: "STANDARD", quantity: 2 }]);
    assert.deepEqual(
      [body.status, body.reason, body.strategy, body.customerRef, body.expiresAt, body.version],
      ["CONFIRMED", null, "optimistic", "customer-4711", null, 2],
    );
    assert((body.decidedAt ?? "") >= body.createdAt);
    assert.deepEqual(body.links, { self: `/api/v1/orders/${body.id}`, event: `/api/v1/events/${eventCode}` });
    assert.deepEqual(await api.order(body.id), body);
  });

  it("a rejected order shows its reason", async () => {
    const event = await api.createEvent({ VIP: 2 });
    const buy = async (quantity: number) =>
      (await api.purchase({ eventCode: event, ticketType: "VIP", quantity, waitSeconds: 10 })).body.reason;
    assert.equal((await buy(3))?.code, "insufficient-stock");
    assert.equal(await buy(2), null);
    assert.deepEqual(await buy(1), {
      code: "sold-out",
      detail: "No tickets of this type are left.",
      lines: [{ ticketType: "VIP", requested: 1, available: 0, counter: "VIP" }],
    });
  });

  it("an unchanged order is answered 304", async () => {
    const { body } = await api.purchase({ eventCode, waitSeconds: 10 });
    const path = `/api/v1/orders/${body.id}`;
    const first = await api.get<Order>(path);
    assert.equal(first.headers.get("etag"), '"2"');
    for (const tag of ['"2"', 'W/"2"', '"1", "2"', "*"]) {
      const answer = await api.get(path, { "if-none-match": tag });
      assert.deepEqual([answer.status, answer.body, answer.headers.get("etag")], [304, undefined, '"2"'], tag);
    }
    assert.equal((await api.get(path, { "if-none-match": '"1"' })).status, 200);
  });

  it("an order that can get no other version is not waited for, although the client asks for it", async () => {
    const { body } = await api.purchase({ eventCode, quantity: 2, ticketType: "VIP", waitSeconds: 10 });
    assert.equal(body.status, "REJECTED");
    const known = { "if-none-match": `"${body.version}"`, prefer: "wait=10" };
    const answer = await api.get(`/api/v1/orders/${body.id}`, known);
    assert.deepEqual([answer.status, answer.headers.get("preference-applied")], [304, null]);
  });

  it("an unknown order is answered 404, whatever its id looks like", async () => {
    for (const id of ["0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10", "1", "%00", "'%20OR%201=1--", "null", "a".repeat(200)]) {
      const answer = await api.get<Problem>(`/api/v1/orders/${id}`);
      assert.deepEqual([answer.status, answer.body.code], [404, "order-not-found"], id);
    }
  });

  it("orders are listed newest first, filtered by event and status, by page and by cursor", async () => {
    const event = await api.createEvent({ STANDARD: 7 });
    const ids: string[] = [];
    for (let n = 0; n < 9; n++) ids.push((await api.purchase({ eventCode: event, waitSeconds: 10 })).body.id);
    const list = async (query: string) => (await api.get<OrderPage>(`/api/v1/orders?event=${event}&${query}`)).body;
    const page = await list("page=1&size=4");
    assert.deepEqual(
      page.content.map((order) => order.id),
      ids.toReversed().slice(4, 8),
    );
    const { number, size, totalElements, totalPages, first, last, empty } = page;
    assert.deepEqual(
      { number, size, totalElements, totalPages, first, last, empty },
      { number: 1, size: 4, totalElements: 9, totalPages: 3, first: false, last: false, empty: false },
    );
    assert.equal((await list("status=CONFIRMED")).totalElements, 7);
    assert.equal((await list("status=REJECTED")).content.length, 2);
    assert.deepEqual([(await list("page=9")).empty, (await list("page=9")).last], [true, true]);

    const walked: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const next: OrderPage = await list(`size=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      walked.push(...next.content.map((order) => order.id));
      cursor = next.nextCursor;
    }
    assert.deepEqual(walked, ids.toReversed());
  });

  it("a list without a filter has the orders of all events, and one of an unknown event has none", async () => {
    const all = (await api.get<OrderPage>("/api/v1/orders?size=100")).body;
    assert(all.totalElements >= 1);
    assert.deepEqual(
      all.content.map((order) => order.id),
      all.content
        .map((order) => order.id)
        .toSorted()
        .toReversed(),
    );
    const none = (await api.get<OrderPage>("/api/v1/orders?event=nowhere")).body;
    assert.deepEqual([none.empty, none.totalElements, none.totalPages], [true, 0, 0]);
  });
});
