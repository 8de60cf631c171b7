// Rules of a sale that contradict themselves or what was sold, and processes without CUSTOMER_KEY.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import type { AccessCode, CreatedAccessCode } from "@onsale/contracts/access-code";
import type { Event } from "@onsale/contracts/event";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import { createTestDatabase } from "../../support/database/database.ts";
import { type Answer, type Api, createApi, newKey } from "../../support/http/api.ts";
import { startProgram } from "../../support/services/program.ts";
import { type Service, startGateway, startWorker, usualSettings } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
type Bought = Order & Omit<Problem, "status">;

describe("rules of a sale that cannot be kept", () => {
  const key = { CUSTOMER_KEY: randomBytes(32).toString("base64") };
  let databaseUrl: string;
  let api: Api;
  let keyless: Api;
  let worker: Service;

  before(async () => {
    databaseUrl = await createTestDatabase();
    const environment = { DATABASE_URL: databaseUrl };
    const [first, second, started] = await Promise.all([
      startGateway({ ...environment, ...key }),
      startGateway(environment),
      startWorker({ ...environment, ...key }),
    ]);
    api = createApi(first.url);
    keyless = createApi(second.url);
    worker = started;
  });

  const post = (body: object, at = api) =>
    at.post<Event & Problem>("/api/v1/events", { code: newKey(), name: "A show", ...times, ...body });
  async function create(body: object): Promise<string> {
    const { status, body: event } = await post(body);
    assert.equal(status, 201, JSON.stringify(event));
    return event.code;
  }
  const change = (code: string, body: object, at = api) => at.patch<Event & Problem>(`/api/v1/events/${code}`, body);
  const set = (code: string, type: string, body: object, at = api) =>
    at.put<Problem>(`/api/v1/inventory/${code}/${type}`, { total: 10, ...body });
  const makeCodes = (code: string, body: object, at = api) =>
    at.post<CreatedAccessCode[] & Problem>(`/api/v1/events/${code}/access-codes`, body);
  const buy = (eventCode: string, body: object, at = api, wait = 10) =>
    at.post<Bought>(
      "/api/v1/orders/purchase",
      { eventCode, ticketType: "STANDARD", quantity: 1, ...body },
      { "idempotency-key": newKey(), prefer: `wait=${wait}` },
    );
  const standard = { ticketTypes: [{ ticketType: "STANDARD", total: 10 }] };

  function assertProblem({ status, body }: Answer<object>, expected: number, code: string, pointer?: string): void {
    assert("code" in body, JSON.stringify(body));
    assert.deepEqual([status, body.code], [expected, code], JSON.stringify(body));
    if (pointer === undefined) return;
    assert("errors" in body && Array.isArray(body.errors));
    assert(
      body.errors.some((fault: { pointer: string }) => fault.pointer === pointer),
      JSON.stringify(body.errors),
    );
  }

  it("refuse a pool smaller than what is drawn, and pools that an event does not have", async () => {
    const pools = [{ name: "HALL", total: 4 }];
    const code = await create({ pools, ticketTypes: [{ ticketType: "STANDARD", total: 10, pools: ["HALL"] }] });
    assert.equal((await buy(code, { quantity: 3 })).body.status, "CONFIRMED");
    assertProblem(await change(code, { pools: [{ name: "HALL", total: 2 }] }), 409, "total-below-allocated");
    assert.equal((await change(code, { pools: [{ name: "HALL", total: 3 }] })).body.pools[0]?.available, 0);
    await change(code, { pools: [{ name: "FIRE", total: 2 }] });
    assertProblem(await set(code, "STANDARD", { pools: ["HALL", "FIRE"] }), 409, "total-below-allocated");
    assertProblem(await set(code, "STANDARD", { pools: ["MOON"] }), 404, "pool-not-found");
    assertProblem(await set(code, "NEW", { pools: ["MOON"] }), 404, "pool-not-found");
    assertProblem(
      await post({ ticketTypes: [{ ticketType: "STANDARD", total: 1, pools: ["MOON"] }] }),
      404,
      "pool-not-found",
    );
    assert.equal((await api.inventory(code)).length, 1);
    await api.assertSound(code);
  });

  it("refuse more than 16 pools, and names that no pool can have", async () => {
    const pools = Array.from({ length: 17 }, (_, index) => ({ name: `P${index}`, total: 1 }));
    assertProblem(await post({ pools }), 400, "validation-failed", "/pools");
    const code = await create({ ...standard, pools: pools.slice(0, 16) });
    assertProblem(await change(code, { pools }), 400, "validation-failed", "/pools");
    assertProblem(await change(code, { pools: pools.slice(16) }), 400, "validation-failed", "/pools");
    assert.equal((await change(code, { pools: pools.slice(0, 2) })).body.pools.length, 16);
    for (const name of ["event", "pool:HALL", ""]) {
      assertProblem(await change(code, { pools: [{ name, total: 1 }] }), 400, "validation-failed", "/pools/0/name");
    }
    const twice = [
      { name: "P1", total: 1 },
      { name: "P1", total: 2 },
    ];
    assertProblem(await change(code, { pools: twice }), 400, "validation-failed", "/pools/1/name");
  });

  it("leave who has more than a new limit what they have, and give them no more", async () => {
    const code = await create(standard);
    const mine = { customerRef: "customer-1" };
    assert.equal((await buy(code, { quantity: 4, ...mine })).body.status, "CONFIRMED");
    assert.equal((await change(code, { maxPerCustomer: 2 })).status, 200);
    assert.equal((await buy(code, mine)).body.reason?.code, "customer-limit");
    assert.equal((await buy(code, { customerRef: "customer-2", quantity: 2 })).body.status, "CONFIRMED");
    assertProblem(await buy(code, {}), 400, "customer-required");
    assert.equal((await change(code, { maxPerCustomer: 5 })).status, 200);
    assert.equal((await buy(code, mine)).body.status, "CONFIRMED");
    await change(code, { maxPerCustomer: null });
    assert.equal((await buy(code, {})).body.status, "CONFIRMED");
    for (const maxPerCustomer of [0, -1, 1.5, 10_001]) {
      assertProblem(await change(code, { maxPerCustomer }), 400, "validation-failed", "/maxPerCustomer");
    }
    await api.assertSound(code);
  });

  it("refuse access codes that say too much or too little, and codes of another event", async () => {
    const hidden = { ticketTypes: [{ ticketType: "STANDARD", total: 10, visibility: "code" }] };
    const [code, other] = [await create(hidden), await create(hidden)];
    const uses = { ticketTypes: ["STANDARD"], maxUses: 1 };
    assertProblem(await makeCodes(code, { code: "FRIENDS", count: 1, ...uses }), 400, "validation-failed", "/code");
    assertProblem(await makeCodes(code, uses), 400, "validation-failed", "/code");
    assertProblem(await makeCodes(code, { ...uses, count: 1, ticketTypes: [] }), 400, "validation-failed");
    assertProblem(await makeCodes(code, { ...uses, count: 1, ticketTypes: ["MOON"] }), 404, "ticket-type-not-found");
    assertProblem(await makeCodes(code, { ...uses, count: 1, maxUses: 0 }), 400, "validation-failed", "/maxUses");
    assertProblem(await makeCodes("EVNT-NONE", { ...uses, count: 1 }), 404, "event-not-found");
    const [made] = (await makeCodes(code, { code: "FRIENDS", ...uses })).body;
    assert(made);
    assertProblem(await makeCodes(code, { code: "friends", ...uses }), 409, "access-code-exists");
    assertProblem(await buy(other, { accessCode: "FRIENDS" }), 404, "access-code-not-found");
    const revoke = (eventCode: string, id: number | string) =>
      api.delete<AccessCode & Problem>(`/api/v1/events/${eventCode}/access-codes/${id}`);
    assertProblem(await revoke(other, made.id), 404, "access-code-not-found");
    assertProblem(await revoke(code, made.id + 1_000), 404, "access-code-not-found");
    assertProblem(await revoke(code, "x"), 400, "validation-failed");
    const first = await revoke(code, made.id);
    const second = await revoke(code, made.id);
    assert.deepEqual([second.status, second.body.revokedAt], [200, first.body.revokedAt]);
    await api.assertSound(code);
  });

  it("refuse moves within a type, of types that do not exist, and of what is sold", async () => {
    const code = await create({ ticketTypes: [...standard.ticketTypes, { ticketType: "VIP", total: 1 }] });
    const move = (body: object) =>
      api.post<Problem>(`/api/v1/inventory/${code}/move`, {
        from: "STANDARD",
        to: "VIP",
        quantity: 1,
        reason: "A test.",
        ...body,
      });
    assertProblem(await move({ to: "STANDARD" }), 400, "validation-failed", "/to");
    assertProblem(await move({ to: "MOON" }), 404, "ticket-type-not-found");
    assertProblem(await move({ from: "event" }), 400, "validation-failed", "/from");
    assertProblem(await move({ quantity: 11 }), 409, "total-below-allocated");
    assertProblem(await move({ quantity: 0 }), 400, "validation-failed", "/quantity");
    assertProblem(await move({ reason: " " }), 400, "validation-failed", "/reason");
    assert.deepEqual(
      (await api.inventory(code)).map(({ total }) => total),
      [10, 1],
    );
  });

  it("say that CUSTOMER_KEY is missing, where a gateway has none", async () => {
    const code = await create(standard);
    const limited = { maxPerCustomer: 2 };
    assertProblem(await change(code, limited, keyless), 503, "customer-key-missing");
    assertProblem(await set(code, "STANDARD", limited, keyless), 503, "customer-key-missing");
    assertProblem(await post({ ...standard, ...limited }, keyless), 503, "customer-key-missing");
    const uses = { count: 1, ticketTypes: ["STANDARD"], maxUses: 1 };
    assertProblem(await makeCodes(code, uses, keyless), 503, "customer-key-missing");
    assertProblem(await buy(code, { accessCode: "FRIENDS" }, keyless), 503, "customer-key-missing");
    const [created] = (await makeCodes(code, uses)).body;
    const purchase = [
      "/api/v1/orders/purchase",
      { eventCode: code, ticketType: "STANDARD", quantity: 1, accessCode: created?.code },
      { "idempotency-key": newKey(), prefer: "wait=10" },
    ] as const;
    const bought = await api.post<Order>(...purchase);
    const again = await keyless.post<Order>(...purchase);
    assert.deepEqual([bought.status, again.status, again.body.id], [200, 200, bought.body.id]);
    assert.equal((await change(code, { maxPerCustomer: null }, keyless)).status, 200);
    // The workers count customers, whatever gateway took the order.
    await change(code, limited);
    await untilTrue("the other gateway knows of the limit", async () => {
      return (await buy(code, {}, keyless)).body.code === "customer-required";
    });
    const mine = { customerRef: "customer-3", quantity: 2 };
    assert.equal((await buy(code, mine, keyless)).body.status, "CONFIRMED");
    assert.equal((await buy(code, mine)).body.reason?.code, "customer-limit");
    await api.assertSound(code);
  });

  it("leave orders pending while no worker has CUSTOMER_KEY, and say what to do", async () => {
    const code = await create({ ...standard, maxPerCustomer: 2 });
    await worker.stop();
    const { body } = await buy(code, { customerRef: "customer-1" }, api, 0);
    const without = startProgram("services/worker/src/main.ts", [], { ...usualSettings, DATABASE_URL: databaseUrl });
    await untilTrue("the worker says what it lacks", () => {
      const { stdout, stderr } = without.output();
      return /limits per customer.*CUSTOMER_KEY.*set it/.test(stdout + stderr);
    });
    assert.equal((await api.order(body.id)).status, "PENDING");
    without.process.kill("SIGTERM");
    await without.ended;
    worker = await startWorker({ DATABASE_URL: databaseUrl, ...key });
    await untilTrue("it is decided", async () => (await api.order(body.id)).status === "CONFIRMED");
    await api.assertSound(code);
  });
});
