import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { ActivityPage } from "@onsale/contracts/activity";
import type { Event } from "@onsale/contracts/event";
import type { Problem } from "@onsale/contracts/problem";
import { createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { startGateway } from "../../support/services/services.ts";

const times = { startTime: "2030-06-01T19:00:00.000Z", endTime: "2030-06-01T23:00:00.000Z" };
const past = { startTime: "2020-06-01T19:00:00Z", endTime: "2020-06-01T23:00:00Z" };
const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
const yesterday = new Date(Date.now() - 86_400_000).toISOString();

describe("the rules of an event", () => {
  let api: Api;

  before(async () => {
    api = createApi((await startGateway({ DATABASE_URL: await createTestDatabase() })).url);
  });

  const create = (fields: object, code = newKey()) =>
    api.post<Event & Problem>("/api/v1/events", { code, name: "A show", ...times, ...fields });
  const change = (code: string, body: unknown) => api.patch<Event & Problem>(`/api/v1/events/${code}`, body);
  const read = async (code: string) => (await api.get<Event>(`/api/v1/events/${code}`)).body;
  const activity = async (code: string, query = "") =>
    (await api.get<ActivityPage>(`/api/v1/events/${code}/activity${query}`)).body;

  it("are set when it is created; without a salesEnd its sale ends with the event", async () => {
    const rules = { salesStart: tomorrow, maxPerOrder: 4 };
    const types = [
      { ticketType: "STANDARD", total: 5 },
      { ticketType: "VIP", total: 5, salesStart: tomorrow, salesEnd: times.startTime, maxPerOrder: 2 },
    ];
    const { status, body } = await create({ ...rules, ticketTypes: types });
    assert.equal(status, 201);
    assert.deepEqual(body.sale, { state: "scheduled", opensAt: tomorrow, closesAt: times.endTime });
    assert.equal(body.maxPerOrder, 4);
    assert.deepEqual(body.ticketTypes, types);
    const over = { ...past, salesEnd: past.endTime };
    assert.deepEqual((await create(over)).body.sale.state, "closed");
    const endless = { state: "open", opensAt: null, closesAt: null };
    assert.deepEqual((await create({ ...past, salesEnd: null, maxPerOrder: null })).body.sale, endless);
    assert.deepEqual((await create(past)).body.sale, endless, "an event of the past is sold without end by default");
  });

  it("are changed one by one, and removed with null", async () => {
    const code = await api.createEvent({ STANDARD: 5 });
    const steps: [object, Event["sale"]][] = [
      [{ salesStart: tomorrow }, { state: "scheduled", opensAt: tomorrow, closesAt: times.endTime }],
      [{ paused: true }, { state: "paused", opensAt: tomorrow, closesAt: times.endTime }],
      [
        { salesStart: null, salesEnd: yesterday },
        { state: "closed", opensAt: null, closesAt: yesterday },
      ],
      [{ salesEnd: null }, { state: "paused", opensAt: null, closesAt: null }],
      [{ paused: false }, { state: "open", opensAt: null, closesAt: null }],
    ];
    for (const [body, sale] of steps) {
      const answer = await change(code, body);
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body.sale, sale, JSON.stringify(body));
      assert.deepEqual(await read(code), answer.body);
    }
    const { body } = await change(code, {
      name: "Another show",
      startTime: times.endTime,
      endTime: tomorrow,
      maxPerOrder: 3,
    });
    assert.equal(body.code, "validation-failed");
    const moved = await change(code, { name: "Another show", startTime: yesterday, endTime: tomorrow, maxPerOrder: 3 });
    assert.deepEqual(
      [moved.body.name, moved.body.startTime, moved.body.endTime, moved.body.maxPerOrder],
      ["Another show", yesterday, tomorrow, 3],
    );
  });

  it("that are bad or contradict each other are refused with a pointer, and nothing is changed", async () => {
    const code = await api.createEvent({ STANDARD: 5 });
    await change(code, { salesStart: tomorrow });
    const before = await read(code);
    const refusals: [string, unknown][] = [
      ["", {}],
      ["/price", { price: 1 }],
      ["/paused", { paused: null }],
      ["/paused", { paused: "yes" }],
      ["/name", { name: null }],
      ["/endTime", { endTime: null }],
      ["/salesStart", { salesStart: "tomorrow" }],
      ["/salesStart", { salesStart: "0000-01-01T00:00:00Z" }],
      ["/maxPerOrder", { maxPerOrder: 0 }],
      ["/maxPerOrder", { maxPerOrder: 10_001 }],
      ["/maxPerOrder", { maxPerOrder: 1.5 }],
      ["/salesEnd", { salesEnd: tomorrow }],
      ["/salesEnd", { salesEnd: yesterday, paused: true }],
      ["/salesStart", { salesStart: times.endTime }],
      ["/salesEnd", { salesStart: times.endTime, salesEnd: times.startTime }],
      ["/endTime", { endTime: times.startTime }],
      ["/startTime", { startTime: "2031-01-01T00:00:00Z" }],
    ];
    for (const [pointer, body] of refusals) {
      const answer = await change(code, body);
      assert.deepEqual([answer.status, answer.body.code], [400, "validation-failed"], JSON.stringify(body));
      assert(
        answer.body.errors?.some((fault) => fault.pointer === pointer),
        `${pointer} is not in ${JSON.stringify(answer.body)}`,
      );
    }
    assert.deepEqual(await read(code), before);
    assert.equal((await activity(code)).totalElements, 1);
    assert.equal((await change(newKey(), { paused: true })).body.code, "event-not-found");
  });

  it("that contradict each other are refused for new events and ticket types, too", async () => {
    const badType = { ticketType: "VIP", total: 1, salesStart: tomorrow, salesEnd: yesterday };
    for (const [pointer, fields] of [
      ["/salesEnd", { salesStart: tomorrow, salesEnd: tomorrow }],
      ["/salesStart", { salesStart: times.endTime }],
      ["/ticketTypes/0/salesEnd", { ticketTypes: [badType] }],
      ["/ticketTypes/0/salesEnd", { ticketTypes: [{ ...badType, salesEnd: "0000-01-01T00:00:00Z" }] }],
    ] as const) {
      const code = newKey();
      const { status, body } = await create(fields, code);
      assert.equal(status, 400, pointer);
      assert(
        body.errors?.some((fault) => fault.pointer === pointer),
        JSON.stringify(body),
      );
      assert.equal((await api.get(`/api/v1/events/${code}`)).status, 404);
    }
    const code = await api.createEvent({ STANDARD: 5 });
    const set = (type: string, fields: object) =>
      api.put<Problem>(`/api/v1/inventory/${code}/${type}`, { total: 5, ...fields });
    assert.equal(
      (await set("VIP", { salesStart: tomorrow, salesEnd: yesterday })).body.errors?.[0]?.pointer,
      "/salesEnd",
    );
    assert.deepEqual((await read(code)).ticketTypes, [{ ticketType: "STANDARD", total: 5 }]);
    assert.equal((await set("STANDARD", { salesEnd: yesterday, maxPerOrder: 2 })).status, 200);
    assert.equal((await set("STANDARD", { salesStart: tomorrow })).body.errors?.[0]?.pointer, "/salesStart");
    const known = { ticketType: "STANDARD", total: 5, salesEnd: yesterday, maxPerOrder: 2 };
    assert.deepEqual((await read(code)).ticketTypes, [known]);
    assert.equal((await set("STANDARD", { salesEnd: null, maxPerOrder: null })).status, 200);
    assert.deepEqual((await read(code)).ticketTypes, [{ ticketType: "STANDARD", total: 5 }]);
  });

  it("have a log of who changed what, the newest first, by pages", async () => {
    const code = await api.createEvent({ STANDARD: 5 });
    await change(code, { salesStart: tomorrow, paused: true });
    await change(code, { paused: true });
    await change(code, { paused: false });
    await api.put(`/api/v1/inventory/${code}/STANDARD`, { total: 6, maxPerOrder: 2 });
    await api.put(`/api/v1/inventory/${code}/STANDARD`, { total: 6 });
    const { content, totalElements } = await activity(code);
    assert.equal(totalElements, 3, "what changes nothing is not in it");
    assert.deepEqual(
      content.map(({ actor, action, detail }) => ({ actor, action, ...detail })),
      [
        {
          actor: "api",
          action: "ticket-type-changed",
          ticketType: "STANDARD",
          changes: { total: { from: 5, to: 6 }, maxPerOrder: { from: null, to: 2 } },
        },
        { actor: "api", action: "event-changed", changes: { paused: { from: true, to: false } } },
        {
          actor: "api",
          action: "event-changed",
          changes: { salesStart: { from: null, to: tomorrow }, paused: { from: false, to: true } },
        },
      ],
    );
    const first = await activity(code, "?size=2");
    assert.deepEqual(first.content, content.slice(0, 2));
    const second = await activity(code, `?size=2&cursor=${first.nextCursor}`);
    assert.deepEqual([second.content, second.nextCursor], [content.slice(2), null]);
    const other = await api.createEvent({ STANDARD: 5 });
    const foreign = await api.get<Problem>(`/api/v1/events/${other}/activity?cursor=${first.nextCursor}`);
    assert.equal(foreign.body.errors?.[0]?.pointer, "/query/cursor");
  });
});
