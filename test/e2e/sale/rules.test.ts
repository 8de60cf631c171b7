// The rules of a sale over HTTP, with two gateways and two workers: limits, pools, access codes, moves, waiting list.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import type { AccessCode, CreatedAccessCode } from "@onsale/contracts/access-code";
import type { Audit } from "@onsale/contracts/audit";
import type { Event } from "@onsale/contracts/event";
import type { Inventory } from "@onsale/contracts/inventory";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };

describe("the rules of a sale", () => {
  let apis: readonly [Api, Api];
  let db: Db;
  before(async () => {
    const databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const environment = {
      DATABASE_URL: databaseUrl,
      CUSTOMER_KEY: randomBytes(32).toString("base64"),
      SOLD_OUT: "record",
    };
    const [first, second] = await Promise.all([
      startGateway(environment),
      startGateway(environment),
      startWorker(environment),
      startWorker(environment),
    ]);
    apis = [createApi(first.url), createApi(second.url)];
  });

  async function createEvent(body: object): Promise<string> {
    const code = newKey();
    const { status, body: created } = await apis[0].post<Event>("/api/v1/events", {
      code,
      name: "A show",
      ...times,
      ...body,
    });
    assert.equal(status, 201, JSON.stringify(created));
    return code;
  }
  const buy = (eventCode: string, body: object, api = apis[0], key = newKey()) =>
    api.post<Order & Omit<Problem, "status">>(
      "/api/v1/orders/purchase",
      { eventCode, ...body },
      {
        "idempotency-key": key,
        prefer: "wait=10",
      },
    );
  const cancel = (id: string, body: object = {}) => apis[1].post<Order>(`/api/v1/orders/${id}/cancel`, body);
  const read = async (id: string) => (await apis[1].get<Order>(`/api/v1/orders/${id}`)).body;
  const stock = async (code: string, query = "") =>
    (await apis[1].get<Inventory[]>(`/api/v1/inventory/${code}${query}`)).body;
  async function assertSound(code: string): Promise<void> {
    const { body } = await apis[0].get<Audit>(`/api/v1/events/${code}/audit`);
    assert.deepEqual(
      body.checks.filter(({ ok }) => !ok),
      [],
    );
  }

  it("give a customer no more than the limits, in 100 concurrent orders over two gateways and two types", async () => {
    const ticketTypes = [
      { ticketType: "VIP", total: 1_000, maxPerCustomer: 2 },
      { ticketType: "STANDARD", total: 1_000 },
    ];
    const code = await createEvent({ maxPerCustomer: 5, ticketTypes });
    const orders = await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const body = { ticketType: index % 2 === 0 ? "VIP" : "STANDARD", quantity: 1, customerRef: "customer-1" };
        return buy(code, body, apis[index % 2 === 0 ? 0 : 1]);
      }),
    );
    const confirmed = orders.filter(({ body }) => body.status === "CONFIRMED").map(({ body }) => body);
    const reasons = new Set(orders.flatMap(({ body }) => (body.status === "REJECTED" ? body.reason?.code : [])));
    assert.equal(confirmed.length, 5);
    assert(confirmed.filter(({ ticketType }) => ticketType === "VIP").length <= 2);
    assert.deepEqual([...reasons], ["customer-limit"]);

    const [first] = confirmed;
    assert(first);
    await cancel(first.id);
    const again = { ticketType: first.ticketType, quantity: 1, customerRef: "customer-1" };
    await untilTrue("the limit has room again", async () => (await buy(code, again)).body.status === "CONFIRMED");
    assert.equal((await buy(code, { ...again, ticketType: "STANDARD" })).body.reason?.code, "customer-limit");
    const anonymous = await buy(code, { ticketType: "VIP", quantity: 1 });
    assert.deepEqual([anonymous.status, anonymous.body.code], [400, "customer-required"]);
    await assertSound(code);
  });

  it("share capacity between ticket types, and say which pool is short", async () => {
    const code = await createEvent({
      pools: [
        { name: "HALL", total: 5 },
        { name: "FIRE", total: 100 },
      ],
      ticketTypes: [
        { ticketType: "ADULT", total: 10, pools: ["HALL", "FIRE"] },
        { ticketType: "CHILD", total: 10, pools: ["HALL"] },
        { ticketType: "OUTSIDE", total: 3 },
      ],
    });
    const items = [
      { ticketType: "ADULT", quantity: 2 },
      { ticketType: "CHILD", quantity: 2 },
    ];
    assert.equal((await buy(code, { items })).body.status, "CONFIRMED");
    const refused = await buy(code, { items });
    assert.deepEqual(refused.body.reason?.lines, [
      { ticketType: "ADULT", requested: 2, available: 1, counter: "pool:HALL" },
      { ticketType: "CHILD", requested: 2, available: 1, counter: "pool:HALL" },
    ]);
    const shown = (await stock(code)).map(({ ticketType, available, limitedBy }) => [ticketType, available, limitedBy]);
    assert.deepEqual(shown, [
      ["ADULT", 1, "HALL"],
      ["CHILD", 1, "HALL"],
      ["OUTSIDE", 3, undefined],
    ]);
    const below = await apis[1].patch<Problem>(`/api/v1/events/${code}`, { pools: [{ name: "HALL", total: 3 }] });
    assert.deepEqual([below.status, below.body.code], [409, "total-below-allocated"]);
    const raised = await apis[1].patch<Event>(`/api/v1/events/${code}`, { pools: [{ name: "HALL", total: 8 }] });
    assert.deepEqual(
      raised.body.pools.map(({ name, total, available }) => [name, total, available]),
      [
        ["FIRE", 100, 98],
        ["HALL", 8, 4],
      ],
    );
    assert.equal((await buy(code, { items })).body.status, "CONFIRMED");
    const unknown = await apis[0].put<Problem>(`/api/v1/inventory/${code}/ADULT`, { total: 10, pools: ["MOON"] });
    assert.deepEqual([unknown.status, unknown.body.code], [404, "pool-not-found"]);
    await assertSound(code);
  });

  it("open hidden ticket types with codes, which are counted, come back, and can be revoked", async () => {
    const ticketTypes = [
      { ticketType: "STANDARD", total: 10 },
      { ticketType: "FANCLUB", total: 10, visibility: "code", maxPerOrder: 2 },
    ];
    const code = await createEvent({ ticketTypes });
    const path = `/api/v1/events/${code}/access-codes`;
    const made = await apis[0].post<CreatedAccessCode[]>(path, {
      count: 2,
      ticketTypes: ["FANCLUB"],
      maxUses: 1,
      maxPerOrder: 4,
    });
    const [mine, other] = made.body;
    assert(mine && other);
    assert.equal(made.status, 201);
    assert.match(mine.code, /^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
    const types = (rows: readonly { ticketType: string }[]) => rows.map(({ ticketType }) => ticketType);
    assert.deepEqual(types(await stock(code)), ["STANDARD"]);
    assert.deepEqual(types(await stock(code, `?accessCode=${mine.code}`)), ["FANCLUB", "STANDARD"]);
    assert.deepEqual(types((await apis[0].get<Event>(`/api/v1/events/${code}`)).body.ticketTypes), ["STANDARD"]);

    const fan = { ticketType: "FANCLUB", quantity: 4 };
    assert.equal((await buy(code, fan)).body.code, "ticket-type-not-found");
    assert.equal((await buy(code, { ...fan, accessCode: "WRONG-CODE" })).body.code, "access-code-not-found");
    const key = newKey();
    const first = await buy(code, { ...fan, accessCode: mine.code.toLowerCase() }, apis[0], key);
    assert.equal(first.body.status, "CONFIRMED");
    assert.equal((await buy(code, { ...fan, accessCode: mine.code })).body.reason?.code, "access-code-used-up");
    assert.equal((await buy(code, { ...fan, quantity: 5, accessCode: other.code })).body.code, "order-limit");
    await cancel(first.body.id);
    const again = () => buy(code, { ...fan, accessCode: mine.code });
    await untilTrue("the code's use is back", async () => (await again()).body.status === "CONFIRMED");

    const revoked = await apis[1].delete<AccessCode>(`${path}/${other.id}`);
    assert.notEqual(revoked.body.revokedAt, null);
    const late = () => buy(code, { ...fan, accessCode: other.code });
    assert.equal((await late()).body.code, "access-code-not-found");
    const replayed = await buy(code, { ...fan, accessCode: mine.code.toLowerCase() }, apis[1], key);
    assert.equal(replayed.body.id, first.body.id);
    const listed = await apis[1].get<{ content: AccessCode[] }>(path);
    assert.deepEqual(
      listed.body.content.map(({ id, used, hint }) => [id, used, hint]),
      [
        [other.id, 0, other.code.slice(-4)],
        [mine.id, 1, mine.code.slice(-4)],
      ],
    );
    await assertSound(code);
  });

  it("let nobody guess codes", async () => {
    const code = await createEvent({ ticketTypes: [{ ticketType: "STANDARD", total: 10 }] });
    const guess = (index: number) => buy(code, { ticketType: "STANDARD", quantity: 1, accessCode: `GUESS-${index}-X` });
    const answers = [];
    for (let index = 0; index < 25; index++) answers.push(await guess(index));
    assert.equal(answers.at(-1)?.status, 429);
    assert.equal((await buy(code, { ticketType: "STANDARD", quantity: 1 })).body.status, "CONFIRMED");
  });

  it("move tickets that nobody has", async () => {
    const ticketTypes = [
      { ticketType: "SEAT", total: 10 },
      { ticketType: "STANDING", total: 0 },
    ];
    const code = await createEvent({ ticketTypes });
    await buy(code, { ticketType: "SEAT", quantity: 4 });
    const move = (quantity: number) => {
      const body = { from: "SEAT", to: "STANDING", quantity, reason: "Row 7 is standing now." };
      return apis[0].post<Inventory[] & Problem>(`/api/v1/inventory/${code}/move`, body);
    };
    assert.equal((await move(7)).body.code, "total-below-allocated");
    const { rows } = await sql`
      SELECT FROM inventory WHERE event_id = (SELECT id FROM events WHERE code = ${code}) AND ticket_type = 'event'
      `.execute(db);
    assert.equal(rows.length, 0, "a move that is refused changes nothing, not even what the event needs for moves");
    const moved = await move(6);
    assert.deepEqual(
      moved.body.map(({ ticketType, total }) => [ticketType, total]),
      [
        ["SEAT", 4],
        ["STANDING", 6],
      ],
    );
    assert.equal((await buy(code, { ticketType: "STANDING", quantity: 6 })).body.status, "CONFIRMED");
    await assertSound(code);
  });

  it("offer what comes back to who waits, and then to the next", async () => {
    const code = await createEvent({ offerSeconds: 30, ticketTypes: [{ ticketType: "STANDARD", total: 1 }] });
    const one = { ticketType: "STANDARD", quantity: 1 };
    const holder = await buy(code, one);
    const waiting = [await buy(code, { ...one, waitlist: true }), await buy(code, { ...one, waitlist: true })];
    const [first, second] = waiting.map(({ body }) => body);
    assert(first && second);
    assert.deepEqual([first.status, second.status], ["WAITING", "WAITING"]);
    await cancel(holder.body.id);
    await untilTrue("the first is offered the ticket", async () => (await read(first.id)).status === "HELD");
    assert.notEqual((await read(first.id)).expiresAt, null);
    await cancel(first.id);
    await untilTrue("the second is offered the ticket", async () => (await read(second.id)).status === "HELD");
    const confirmed = await apis[0].post<Order>(`/api/v1/orders/${second.id}/confirm`, {});
    assert.equal(confirmed.body.status, "CONFIRMED");
    const history = await apis[0].get<{ from: string; to: string }[]>(`/api/v1/orders/${second.id}/history`);
    assert.deepEqual(
      history.body.map(({ from, to }) => [from, to]),
      [
        ["PENDING", "WAITING"],
        ["WAITING", "HELD"],
        ["HELD", "CONFIRMED"],
      ],
    );
    await assertSound(code);
  });
});
