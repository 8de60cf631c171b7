import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { Sections } from "@onsale/admin/console/messages";
import { sql } from "kysely";
import { type AdminClient, logIn, request, startAdminService } from "../../support/browser/admin.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { startOwnPostgres } from "../../support/database/own-postgres.ts";
import { openTransaction } from "../../support/database/transactions.ts";
import { startRedis } from "../../support/external/redis.ts";
import { createApi } from "../../support/http/api.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue as untilSoon } from "../../support/until.ts";

/** Several processes start, stop and are given up on, on a machine that may be busy. */
const patienceMs = 40_000;
const untilTrue = (what: string, condition: () => Promise<boolean> | boolean) => untilSoon(what, condition, patienceMs);

/** Watches, and tells what a section was said to be last. */
async function watchSections(admin: AdminClient) {
  const stream = await admin.watch();
  const last = <K extends keyof Sections>(section: K): Sections[K] | undefined =>
    stream.messages.findLast(({ data }) => data.sections[section] !== undefined)?.data.sections[section];
  return { stream, last };
}

describe("the admin service, while PostgreSQL is gone", () => {
  it("says so, answers what it can, and goes on by itself when it is back", async () => {
    const postgres = await startOwnPostgres();
    const environment = { DATABASE_URL: postgres.url };
    const [gateway, service] = await Promise.all([
      startGateway(environment),
      startAdminService(environment),
      startWorker(environment),
    ]);
    const api = createApi(gateway.url);
    const admin = await logIn(service.url);
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const { stream, last } = await watchSections(admin);
    const lineOf = () =>
      stream.messages.flatMap(({ data }) => Object.values(data.events)).findLast((line) => line?.code === eventCode);
    await untilTrue("it is shown", () => lineOf() !== undefined);
    assert.equal(last("health")?.database.since, null);

    await postgres.stop();
    await untilTrue("it says that the database is gone", () => last("health")?.database.since != null);
    const refused = await admin.send("GET", "/api/events?q=a");
    assert.deepEqual(
      [refused.status, JSON.parse(refused.text).message],
      [503, "PostgreSQL cannot be reached at the moment."],
    );
    assert.equal((await request(`${service.url}/login`)).status, 200);
    const again = await logIn(service.url);
    assert.equal((await again.send("GET", "/")).status, 200);
    await untilTrue("it says that it is there although nothing changes", () => {
      return stream.messages.some(({ data }) => Object.values(data).every((part) => Object.keys(part).length === 0));
    });

    await postgres.start();
    await untilTrue("it says that the database is back", () => last("health")?.database.since === null);
    await untilTrue("the gateway is ready", async () => (await api.get("/readyz")).status === 200);
    const order = await api.purchase({ eventCode, quantity: 4, waitSeconds: 30 });
    assert.equal(order.body.status, "CONFIRMED");
    await untilTrue("the new stock is shown", () => lineOf()?.inventory[0]?.available === 6);
    await untilTrue("all processes are up", () => {
      const processes = last("processes") ?? [];
      return processes.length === 3 && processes.every(({ state }) => state === "up");
    });
  });
});

describe("the admin service, while Redis is gone", { skip: withoutRedisServer }, () => {
  it("says so, in Bull Board too, and goes on by itself when it is back", async () => {
    const redis = await startRedis();
    const environment = { DATABASE_URL: await createTestDatabase(), REDIS_URL: redis.url };
    const service = await startAdminService(environment);
    const admin = await logIn(service.url);
    const { last } = await watchSections(admin);
    await untilTrue("the queues are shown", () => last("queues")?.length === 5);
    assert.equal(last("health")?.queues.since, null);

    await redis.stop();
    await untilTrue("it says that the queues are gone", () => last("health")?.queues.since != null);
    assert.equal(last("health")?.database.since, null);
    const refused = await admin.send("GET", "/queues/api/queues");
    assert.equal(refused.status, 503);
    assert.match(JSON.parse(refused.text).message, /^The queues do not answer at the moment\./);
    assert.doesNotMatch(refused.text, /Stream|Command|Connection|ECONN|stack/);

    await redis.start();
    await untilTrue("it says that the queues are back", () => last("health")?.queues.since === null);
    assert.equal((await admin.send("GET", "/queues/api/queues")).status, 200);
  });
});

describe("the admin service, while PostgreSQL takes too long for some questions", () => {
  /** An admin service, and a lock that keeps the questions for a table waiting until it is let go. */
  async function arrange(table: string) {
    const databaseUrl = await createTestDatabase();
    const service = await startAdminService({ DATABASE_URL: databaseUrl });
    const admin = await logIn(service.url);
    const { stream, last } = await watchSections(admin);
    await untilTrue("webhooks are known", () => last("webhooks") !== undefined);
    const { tx, rollback } = await openTransaction(connect(databaseUrl));
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(tx);
    await sql`LOCK TABLE ${sql.id(table)} IN ACCESS EXCLUSIVE MODE`.execute(tx);
    return { admin, stream, last, rollback };
  }

  it("says what is not known since when, and that all else is", async () => {
    const { last, rollback } = await arrange("webhook_endpoints");
    await untilTrue("webhooks are not known", () => last("health")?.webhooks.since != null);
    const { database, queues, pending, events } = last("health") ?? assert.fail();
    assert.deepEqual(
      [database, queues, pending, events].map(({ since }) => since),
      [null, null, null, null],
    );
    await rollback();
    await untilTrue("webhooks are known again", () => last("health")?.webhooks.since === null);
  });

  it("goes on telling however much people look up, and tells them in its own words to wait", async () => {
    const { admin, stream, rollback } = await arrange("webhook_deliveries");
    const path = "/api/orders/01990000-0000-7000-8000-000000000000";
    const answers = await Promise.all(Array.from({ length: 12 }, () => admin.send("GET", path)));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [503]);
    const words = new Set(answers.map(({ text }) => String(JSON.parse(text).message)));
    assert(words.has("Too much is being looked up at the moment; try again in some seconds."), [...words].join());
    assert(stream.messages.every(({ data }) => data.sections.health?.database.since == null));
    await rollback();
  });
});

describe("the admin service, while nobody watches", () => {
  it("asks for no queues, no events and no webhooks, and does as soon as somebody watches", async () => {
    const service = await startAdminService({ DATABASE_URL: await createTestDatabase() });
    const { stream, last } = await watchSections(await logIn(service.url));
    await untilTrue("all is known", () => [last("queues"), last("busiest"), last("webhooks")].every(Boolean));
    const { sections } = stream.messages[0]?.data ?? assert.fail();
    assert.deepEqual([sections.queues, sections.busiest, sections.webhooks], [undefined, undefined, undefined]);
  });
});

describe("a process that is killed", () => {
  it("is shown as missing", async () => {
    const environment = { DATABASE_URL: await createTestDatabase() };
    const [worker, service] = await Promise.all([startWorker(environment), startAdminService(environment)]);
    const { last } = await watchSections(await logIn(service.url));
    const stateOf = (pid: number) => last("processes")?.find((line) => line.pid === pid)?.state;
    await untilTrue("it is up", () => stateOf(worker.pid) === "up");
    await worker.kill();
    await untilTrue("it is missing", () => stateOf(worker.pid) === "missing");
    assert.equal(stateOf(service.pid), "up");
  });
});

describe("many events", () => {
  it("are not all watched: the sixty busiest are shown, and any other one is found", async () => {
    const environment = { DATABASE_URL: await createTestDatabase() };
    const [gateway] = await Promise.all([startGateway(environment), startWorker(environment)]);
    const api = createApi(gateway.url);
    const codes: string[] = [];
    for (let count = 0; count < 70; count++) codes.push(await api.createEvent({ STANDARD: 5 }, `SHOW-${count}`));
    const [oldest = "", second = ""] = codes;
    // Now that all of them are there: it ranks them every few seconds only.
    const service = await startAdminService(environment);
    const admin = await logIn(service.url);
    const { stream, last } = await watchSections(admin);
    await untilTrue("sixty are shown", () => last("busiest")?.length === 60);
    const shown = () =>
      new Set(stream.messages.flatMap(({ data }) => Object.values(data.events)).map((line) => line?.code));
    assert(!shown().has(oldest));
    await api.purchase({ eventCode: oldest, waitSeconds: 10 });
    await untilTrue("one that sells is shown at once", () => shown().has(oldest));

    const [found] = await admin.get<{ id: number; code: string }[]>(`/api/events?q=${second.toLowerCase()}`);
    assert.equal(found?.code, second);
    const closer = await admin.watch(`?event=${found?.id}`);
    await closer.untilMessage("one that somebody looks at is shown", ({ events }) => {
      return Object.values(events).some((line) => line?.code === second);
    });
  });
});
