import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Sections } from "@onsale/admin/console/messages/messages";
import { sql } from "kysely";
import { type AdminClient, logIn, request, startAdminService } from "../../support/browser/admin.ts";
import { endWithSuite } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { startOwnPostgres } from "../../support/database/servers/own-postgres.ts";
import { openTransaction } from "../../support/database/transactions.ts";
import { startRedis } from "../../support/external/redis.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { type Environment, type Service, startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue as untilSoon } from "../../support/until.ts";

/** Several processes start, stop and time out, on a machine that may be busy. */
const patienceMs = 40_000;
const untilTrue = (what: string, condition: () => Promise<boolean> | boolean) => untilSoon(what, condition, patienceMs);
/**
 * Of the service, instead of five seconds; `pg` reads it from the URL. It is longer than the three seconds that
 * a look-up waits for a connection.
 */
const statementTimeoutMs = 3_500;

/** Opens a stream; `last` returns the last value of a section. */
async function followSections(admin: AdminClient) {
  const stream = await admin.openStream();
  const last = <K extends keyof Sections>(section: K): Sections[K] | undefined =>
    stream.messages.findLast(({ data }) => data.sections[section] !== undefined)?.data.sections[section];
  return { stream, last };
}

describe("the admin service", () => {
  endWithSuite();
  let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
  let api: Api;
  let worker: Service;
  let service: Service;
  let admin: AdminClient;
  /** Of the oldest two of seventy events, and of the newest one. */
  let codes: string[];

  before(async () => {
    postgres = await startOwnPostgres();
    const environment: Environment = { DATABASE_URL: postgres.url };
    const [gateway, startedWorker] = await Promise.all([startGateway(environment), startWorker(environment)]);
    worker = startedWorker;
    api = createApi(gateway.url);
    const create = (number: number) => api.createEvent({ STANDARD: 10 }, `SHOW-${number}`);
    codes = [await create(0), await create(1)];
    await Promise.all(Array.from({ length: 67 }, (_, index) => create(index + 2)));
    codes.push(await create(69));
    // Started after the events are created, because it ranks them only every 5 s.
    service = await startAdminService({ DATABASE_URL: `${postgres.url}?statement_timeout=${statementTimeoutMs}` });
    admin = await logIn(service.url);
  });

  // The first test: the service has had no client.
  it("reads no queues, events and webhooks without clients, and begins to with the first client", async () => {
    const { stream, last } = await followSections(admin);
    await untilTrue("all sections are read", () => [last("queues"), last("busiest"), last("webhooks")].every(Boolean));
    const { sections } = stream.messages[0]?.data ?? assert.fail();
    assert.deepEqual([sections.queues, sections.busiest, sections.webhooks], [undefined, undefined, undefined]);
  });

  it("sends the sixty busiest of many events, and a search finds the others", async () => {
    const [oldest = "", second = ""] = codes;
    const { stream, last } = await followSections(admin);
    await untilTrue("sixty are shown", () => last("busiest")?.length === 60);
    const shown = () =>
      new Set(stream.messages.flatMap(({ data }) => Object.values(data.events)).map((line) => line?.code));
    assert(!shown().has(oldest));
    await api.purchase({ eventCode: oldest, waitSeconds: 10 });
    await untilTrue("an event that sells is shown", () => shown().has(oldest));

    const [found] = await admin.get<{ id: number; code: string }[]>(`/api/events?q=${second.toLowerCase()}`);
    assert.equal(found?.code, second);
    const detailed = await admin.openStream(`?event=${found?.id}`);
    await detailed.untilMessage("the requested event is sent", ({ events }) => {
      return Object.values(events).some((line) => line?.code === second);
    });
  });

  it("shows since when a part has not been updated, and refuses look-ups that use up their connections", async () => {
    const { stream, last } = await followSections(admin);
    await untilTrue("the webhooks are shown", () => last("webhooks") !== undefined);
    const { tx, rollback } = await openTransaction(connect(postgres.url));
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(tx);
    await sql`LOCK TABLE webhook_endpoints, webhook_deliveries IN ACCESS EXCLUSIVE MODE`.execute(tx);
    const path = "/api/orders/01990000-0000-7000-8000-000000000000";
    const responses = await Promise.all(Array.from({ length: 12 }, () => admin.send("GET", path)));
    assert.deepEqual([...new Set(responses.map(({ status }) => status))], [503]);
    const messages = new Set(responses.map(({ text }) => String(JSON.parse(text).message)));
    const expected = "Too many queries are running at the moment; try again in some seconds.";
    assert(messages.has(expected), [...messages].join());

    await untilTrue("the webhooks are shown as unavailable", () => last("health")?.webhooks.since != null);
    const { queues, pending, events } = last("health") ?? assert.fail();
    assert.deepEqual(
      [queues, pending, events].map(({ since }) => since),
      [null, null, null],
    );
    assert(stream.messages.every(({ data }) => data.sections.health?.database.since == null));
    await rollback();
    await untilTrue("the webhooks are shown as available", () => last("health")?.webhooks.since === null);
  });

  it("shows PostgreSQL as unavailable, serves the pages that need none, and recovers when it is back", async () => {
    const eventCode = codes.at(-1) ?? "";
    const { stream, last } = await followSections(admin);
    const lineOf = () =>
      stream.messages.flatMap(({ data }) => Object.values(data.events)).findLast((line) => line?.code === eventCode);
    await untilTrue("the event is shown", () => lineOf() !== undefined);
    assert.equal(last("health")?.database.since, null);

    await postgres.stop();
    await untilTrue("the database is shown as unavailable", () => last("health")?.database.since != null);
    const refused = await admin.send("GET", "/api/events?q=a");
    assert.deepEqual(
      [refused.status, JSON.parse(refused.text).message],
      [503, "PostgreSQL cannot be reached at the moment."],
    );
    assert.equal((await request(`${service.url}/login`)).status, 200);
    const again = await logIn(service.url);
    assert.equal((await again.send("GET", "/")).status, 200);
    await untilTrue("an empty change is sent as a keepalive", () => {
      return stream.messages.some(({ data }) => Object.values(data).every((part) => Object.keys(part).length === 0));
    });

    await postgres.start();
    await untilTrue("the database is shown as available", () => last("health")?.database.since === null);
    await untilTrue("the gateway is ready", async () => (await api.get("/readyz")).status === 200);
    const order = await api.purchase({ eventCode, quantity: 4, waitSeconds: 30 });
    assert.equal(order.body.status, "CONFIRMED");
    await untilTrue("the new stock is shown", () => lineOf()?.inventory[0]?.available === 6);
    await untilTrue("all processes are up", () => {
      const processes = last("processes") ?? [];
      return processes.length === 3 && processes.every(({ state }) => state === "up");
    });
  });

  // The last test: the worker is not started again.
  it("shows a process that is killed as missing", async () => {
    const { last } = await followSections(admin);
    const stateOf = (pid: number) => last("processes")?.find((line) => line.pid === pid)?.state;
    await untilTrue("it is shown as up", () => stateOf(worker.pid) === "up");
    await worker.kill();
    // A process is missing without a report for five seconds; four of them need no wait.
    const older = sql`UPDATE processes SET seen_at = seen_at - interval '4 seconds' WHERE pid = ${worker.pid}`;
    await older.execute(connect(postgres.url));
    await untilTrue("it is shown as missing", () => stateOf(worker.pid) === "missing");
    assert.equal(stateOf(service.pid), "up");
  });
});

describe("the admin service, while Redis is stopped", { skip: withoutRedisServer }, () => {
  it("shows it as unavailable, also in Bull Board, and recovers when it is back", async () => {
    const redis = await startRedis();
    const environment = { DATABASE_URL: await createTestDatabase(), REDIS_URL: redis.url };
    const service = await startAdminService(environment);
    const admin = await logIn(service.url);
    const { last } = await followSections(admin);
    await untilTrue("the queues are shown", () => last("queues")?.length === 5);
    assert.equal(last("health")?.queues.since, null);

    await redis.stop();
    await untilTrue("the queues are shown as unavailable", () => last("health")?.queues.since != null);
    assert.equal(last("health")?.database.since, null);
    const refused = await admin.send("GET", "/queues/api/queues");
    assert.equal(refused.status, 503);
    assert.match(JSON.parse(refused.text).message, /^The queues do not answer at the moment\./);
    assert.doesNotMatch(refused.text, /Stream|Command|Connection|ECONN|stack/);

    await redis.start();
    await untilTrue("the queues are shown as available", () => last("health")?.queues.since === null);
    assert.equal((await admin.send("GET", "/queues/api/queues")).status, 200);
  });
});
