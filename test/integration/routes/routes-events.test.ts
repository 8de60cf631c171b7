import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Event, EventPage } from "@onsale/contracts/event";
import type { Inventory } from "@onsale/contracts/inventory";
import type { Problem } from "@onsale/contracts/problem";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";

const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };

describe("events and inventory", () => {
  let api: Api;
  let databaseUrl: string;

  before(async () => {
    databaseUrl = await createTestDatabase();
    const environment = { DATABASE_URL: databaseUrl };
    const [gateway] = await Promise.all([startGateway(environment), startWorker(environment)]);
    api = createApi(gateway.url);
  });

  it("the answer to a creation is the event as it is read afterwards", async () => {
    const code = newKey();
    const ticketTypes = [
      { ticketType: "STANDARD", total: 5 },
      { ticketType: "VIP", total: 0 },
    ];
    const created = await api.post<Event>("/api/v1/events", {
      code,
      name: "Größe & <b>Ümlaut</b> 🎟️",
      ...times,
      ticketTypes,
    });
    const read = await api.get<Event>(created.body.links.self);

    assert.equal(created.status, 201);
    assert.equal(created.headers.get("location"), `/api/v1/events/${code}`);
    assert.deepEqual(read.body, created.body);
    assert.deepEqual(read.body.ticketTypes, ticketTypes);
    assert.equal(read.body.name, "Größe & <b>Ümlaut</b> 🎟️");
    assert.equal(read.body.startTime, "2030-06-01T19:00:00.000Z");
  });

  it("times with an offset are answered in UTC", async () => {
    const event = { code: newKey(), name: "Abroad", startTime: "2030-06-01T21:00:00+02:00", endTime: times.endTime };
    assert.equal((await api.post<Event>("/api/v1/events", event)).body.startTime, "2030-06-01T19:00:00.000Z");
  });

  it("of three concurrent creations with the same code, one succeeds", async () => {
    const event = { code: newKey(), name: "Twice", ...times };
    const answers = await Promise.all([1, 2, 3].map(() => api.post<Event & Problem>("/api/v1/events", event)));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409, 409]);
    assert.equal(answers.find((answer) => answer.status === 409)?.body.code, "event-exists");
  });

  it("faults that a schema cannot find are refused, too, and nothing is stored", async () => {
    const refusals: [string, object][] = [
      ["/endTime", { startTime: times.endTime, endTime: times.startTime }],
      ["/endTime", { startTime: times.startTime, endTime: times.startTime }],
      ["/startTime", { startTime: "0000-01-01T00:00:00Z" }],
      ["/endTime", { endTime: "9999-12-31T23:59:59-23:59" }],
      ["/startTime", { startTime: "2030-06-31T19:00:60Z" }],
      ["/ticketTypes/1/ticketType", { ticketTypes: [1, 2].map((total) => ({ ticketType: "VIP", total })) }],
    ];
    for (const [pointer, change] of refusals) {
      const code = newKey();
      const answer = await api.post<Problem>("/api/v1/events", { code, name: "No", ...times, ...change });
      assert.deepEqual([answer.status, answer.body.code], [400, "validation-failed"], pointer);
      assert(
        answer.body.errors?.some((fault) => fault.pointer === pointer),
        JSON.stringify(answer.body),
      );
      assert.equal((await api.get(`/api/v1/events/${code}`)).status, 404);
    }
  });

  it("events are listed newest first, by page and by cursor", async () => {
    const codes: string[] = [];
    for (let n = 0; n < 5; n++) codes.push(await api.createEvent({}));
    const newestFirst = codes.toReversed();
    const page = (query: string) => api.get<EventPage>(`/api/v1/events?${query}`);
    const first = await page("size=2");
    const second = await page(`size=2&cursor=${first.body.nextCursor}`);
    const third = await page("size=2&page=2");

    assert.deepEqual(
      first.body.content.map((event) => event.code),
      newestFirst.slice(0, 2),
    );
    assert.deepEqual([first.body.first, first.body.last, first.body.number], [true, false, 0]);
    assert.deepEqual(
      second.body.content.map((event) => event.code),
      newestFirst.slice(2, 4),
    );
    assert.deepEqual([second.body.number, second.body.totalElements], [1, first.body.totalElements]);
    assert.equal(third.body.content[0]?.code, newestFirst[4]);
  });

  it("a name that was stored under earlier rules is answered as it is, as the OpenAPI document says", async () => {
    const code = await api.createEvent({ VIP: 1 });
    const name = "\u202eold\t\u200b";
    await sql`UPDATE events SET name = ${name} WHERE code = ${code}`.execute(connect(databaseUrl, 1));
    assert.equal((await api.get<Event>(`/api/v1/events/${code}`)).body.name, name);
  });

  it("a total can be raised, and lowered to the sold quantity", async () => {
    const eventCode = await api.createEvent({ STANDARD: 3 });
    await api.purchase({ eventCode, quantity: 3, waitSeconds: 10 });
    const path = `/api/v1/inventory/${eventCode}/STANDARD`;
    const below = await api.put<Problem>(path, { total: 2 });
    const raised = await api.put<Inventory>(path, { total: 5 });
    const bought = await api.purchase({ eventCode, quantity: 2, waitSeconds: 10 });
    const same = await api.put<Inventory>(path, { total: 5 });

    assert.deepEqual([below.status, below.body.code], [409, "total-below-allocated"]);
    assert.deepEqual([raised.status, raised.body.available, raised.body.sold], [200, 2, 3]);
    assert.equal(bought.body.status, "CONFIRMED");
    assert.deepEqual([same.status, same.body.available], [200, 0]);
    await api.assertSound(eventCode);
  });

  it("an audit finds no fault when totals change during a sale", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10 });
    for (const total of [20, 15, 60]) {
      await Promise.all([
        ...Array.from({ length: 15 }, () => api.purchase({ eventCode, waitSeconds: 10 })),
        api.put(`/api/v1/inventory/${eventCode}/STANDARD`, { total }),
      ]);
      await api.assertSound(eventCode);
    }
  });

  it("an unknown event is answered 404", async () => {
    for (const answer of [
      await api.get<Problem>("/api/v1/inventory/nowhere"),
      await api.put<Problem>("/api/v1/inventory/nowhere/VIP", { total: 1 }),
      await api.get<Problem>("/api/v1/events/nowhere"),
      await api.get<Problem>("/api/v1/events/nowhere/audit"),
    ]) {
      assert.deepEqual([answer.status, answer.body.code], [404, "event-not-found"]);
    }
  });
});
