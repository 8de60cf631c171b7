import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Event } from "@onsale/contracts/event";
import type { Problem } from "@onsale/contracts/problem";
import { findFreePort } from "@onsale/standalone/free-port";
import { logIn } from "../../support/browser/admin.ts";
import { endWithSuite } from "../../support/cleanup.ts";
import { startRedis, type TestRedis } from "../../support/external/redis.ts";
import type { Api } from "../../support/http/api.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { untilAllDecided } from "../../support/services/installation.ts";
import {
  newDataDir,
  runFiles,
  type Standalone,
  startStandalone,
  untilGone,
} from "../../support/services/standalone.ts";
import { untilTrue } from "../../support/until.ts";
import { assertVerified, idsByOrder, startReceiver } from "../../support/webhooks/receiver.ts";
import { createWebhook } from "../../support/webhooks/webhooks.ts";

const demoEvent = "EVNT-ROCK-2025";
const dayMs = 24 * 60 * 60 * 1_000;
const consoleLine = /Live console +(http:\S+) +\(user admin, password (\S+)\)/;
const webhooksLine = /Webhooks .*this machine and private networks too \(WEBHOOK_ALLOW_PRIVATE=0 forbids it\)/;

/** Asserts that a start ends with exit code 1 and one line that matches. */
async function assertRefused(pattern: RegExp, environment: Readonly<Record<string, string>>, dataDir = newDataDir()) {
  const onsale = startStandalone({ dataDir, environment });
  assert.equal(await onsale.exited, 1);
  const lines = onsale.output().trim().split("\n");
  assert.equal(lines.length, 1, onsale.output());
  assert.match(lines[0] ?? "", pattern);
}

describe("npm start", () => {
  it("sells the demo event, stops with Ctrl-C and leaves nothing behind; the next start has everything", async () => {
    const dataDir = newDataDir();
    const receiver = await startReceiver();
    const first = startStandalone({ dataDir, command: ["npm", "start"] });
    const before = await first.ready();
    const event = await before.get<Event>(`/api/v1/events/${demoEvent}`);
    const stock = (await before.inventory(demoEvent)).map(({ ticketType, available }) => [ticketType, available]);
    const order = await before.purchase({ eventCode: demoEvent, quantity: 2, waitSeconds: 10 });
    const { secret } = await createWebhook(before, receiver.url);
    const [, url = "", password = ""] = consoleLine.exec(first.output()) ?? [];
    const admin = await logIn(url, password);

    assert.equal(event.body.name, "Rock Festival");
    const startsInDays = (Date.parse(event.body.startTime) - Date.now()) / dayMs;
    assert(startsInDays > 29 && startsInDays < 31);
    assert.deepEqual(stock, [
      ["STANDARD", 5_000],
      ["STUDENT", 800],
      ["VIP", 200],
    ]);
    assert.deepEqual([order.status, order.body.status], [200, "CONFIRMED"]);
    assert((await admin.get<{ code: string }[]>("/api/events?q=rock")).some(({ code }) => code === demoEvent));
    assert.match(first.output(), webhooksLine);
    assert.equal(first.output().match(/^Onsale is ready/gm)?.length, 1);

    const processes = first.descendants();
    assert(processes.length >= 5);
    // A terminal signals the whole foreground process group.
    process.kill(-(first.process.pid ?? 0), "SIGINT");
    assert.equal(await first.exited, 0);
    await untilGone(processes);
    assert.deepEqual(runFiles(dataDir), []);

    const second = startStandalone({ dataDir });
    const api = await second.ready();
    assert.deepEqual(await api.order(order.body.id), order.body);
    assert.equal((await api.inventory(demoEvent)).find(({ ticketType }) => ticketType === "STANDARD")?.sold, 2);
    assert.equal(consoleLine.exec(second.output())?.[2], password);
    await assertRefused(new RegExp(`in use by process ${second.process.pid}`), {}, dataDir);
    const later = await api.purchase({ eventCode: demoEvent, waitSeconds: 10 });
    await untilTrue("its webhook has arrived", () => idsByOrder(receiver.received).has(later.body.id));
    for (const received of receiver.received) assertVerified(received, secret);
    assert.deepEqual([...idsByOrder(receiver.received).keys()], [later.body.id]);
    await api.assertSound(demoEvent);
    const laterProcesses = second.descendants();
    second.process.kill("SIGTERM");
    assert.equal(await second.exited, 0);
    await untilGone(laterProcesses);
  });

  it("leaves no process behind when it or its npm is killed, and recovers at the next start", async () => {
    const dataDir = newDataDir();
    const first = startStandalone({ dataDir });
    const before = await first.ready();
    const eventCode = await before.createEvent({ STANDARD: 100 });
    const answers = await Promise.all(Array.from({ length: 150 }, () => before.purchase({ eventCode })));
    const processes = first.descendants();
    first.process.kill("SIGKILL");
    assert.equal(await first.exited, "SIGKILL");
    // The next start waits for the processes that are left.
    const second = startStandalone({ dataDir, command: ["npm", "start"] });
    const api = await second.ready();
    await untilGone(processes);

    await untilAllDecided(api, eventCode);
    const { orders } = await api.assertSound(eventCode);
    assert.deepEqual([orders.confirmed, orders.rejected], [100, 50]);
    for (const { body } of answers.slice(0, 10)) assert.equal((await api.order(body.id)).id, body.id);
    const laterProcesses = second.descendants();
    second.process.kill("SIGKILL");
    await untilGone(laterProcesses);
  });

  it("restarts every child that is killed, and goes on selling", async () => {
    const dataDir = newDataDir();
    const onsale = startStandalone({ dataDir });
    const api = await onsale.ready();
    const eventCode = await api.createEvent({ STANDARD: 1_000 });
    const victims: [string, () => number][] = [
      ["worker-1", () => onsale.pidOf("worker-1")],
      ["gateway-1", () => onsale.pidOf("gateway-1")],
      ["notifier-1", () => onsale.pidOf("notifier-1")],
      ["admin-1", () => onsale.pidOf("admin-1")],
      ["postgres-1", () => onsale.pidOf("postgres-1")],
      // The server itself, whose keeper then ends.
      ["postgres-1", () => Number.parseInt(readFileSync(join(dataDir, "postgres/cluster/postmaster.pid"), "utf8"), 10)],
    ];
    for (const [name, findVictim] of victims) {
      const pid = onsale.pidOf(name);
      process.kill(findVictim(), "SIGKILL");
      await untilTrue(`${name} is another process`, () => onsale.pidOf(name) !== pid);
      const sells = async () => {
        const answer = await api.purchase({ eventCode, waitSeconds: 10 }).catch(() => undefined);
        return answer?.body.status === "CONFIRMED";
      };
      await untilTrue(`a purchase is decided after the death of ${name}`, sells, 60_000);
    }
    await untilAllDecided(api, eventCode);
    await api.assertSound(eventCode);
    onsale.process.kill("SIGTERM");
    assert.equal(await onsale.exited, 0);
  });

  it("several installations run side by side, each with several processes of a kind", async () => {
    const environment = { GATEWAYS: "2", WORKERS: "2", NOTIFIERS: "2" };
    const one = startStandalone({ dataDir: newDataDir(), environment });
    const other = startStandalone({ dataDir: newDataDir(), environment });
    const [api, otherApi] = await Promise.all([one.ready(), other.ready()]);
    const names = ["gateway", "worker", "notifier"].flatMap((service) => [`${service}-1`, `${service}-2`]);
    assert.equal(new Set(names.map(one.pidOf)).size, 6);
    const eventCode = await api.createEvent({ STANDARD: 50 });
    await Promise.all(
      Array.from({ length: 80 }, () => api.purchase({ eventCode }).then(({ status }) => assert.equal(status, 202))),
    );
    await untilAllDecided(api, eventCode);
    await api.assertSound(eventCode);
    assert.equal((await otherApi.get(`/api/v1/events/${eventCode}`)).status, 404);
  });
});

describe("npm start with settings", () => {
  endWithSuite();
  let redis: TestRedis | undefined;
  let onsale: Standalone;
  let api: Api;

  before(async () => {
    redis = withoutRedisServer === false ? await startRedis() : undefined;
    const environment = {
      WEBHOOK_ALLOW_PRIVATE: "0",
      ADMIN_PASSWORD: "my own long password",
      LOG_FORMAT: "pretty",
      ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
    };
    onsale = startStandalone({ dataDir: newDataDir(), environment });
    api = await onsale.ready();
  });

  it("does not print a password that it was given", () => {
    assert(!onsale.output().includes("my own long password"));
    assert.match(onsale.output(), /user admin, password as ADMIN_PASSWORD says/);
  });

  it("has every process log for people with LOG_FORMAT=pretty", () => {
    for (const service of ["gateway", "worker", "notifier", "admin"]) {
      assert.match(onsale.output(), new RegExp(`^[\\d:.]{12} INFO {2}${service}: `, "m"));
    }
    assert.doesNotMatch(onsale.output(), /^\{/m);
  });

  it("refuses webhooks to private addresses with WEBHOOK_ALLOW_PRIVATE=0", async () => {
    assert.match(onsale.output(), /Webhooks .*public https addresses only/);
    const body = { url: "http://127.0.0.1:9000/hooks", events: ["order.confirmed"] };
    const refused = await api.post<Problem>("/api/v1/webhooks", body);
    assert.deepEqual([refused.status, refused.body.code], [400, "webhook-url-refused"]);
  });

  it("sells through Redis when REDIS_URL is set", { skip: withoutRedisServer }, async () => {
    assert.equal((await api.purchase({ eventCode: demoEvent, waitSeconds: 10 })).body.status, "CONFIRMED");
    assert.match((await redis?.command("DBSIZE")) ?? "", /^:[1-9]/);
  });
});

describe("npm start refuses", () => {
  it("a taken port", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await untilTrue("the port is taken", () => server.listening);
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    await Promise.all([
      assertRefused(new RegExp(`^Onsale cannot start: port ${port} of 127.0.0.1 is taken`), { PORT: port }),
      assertRefused(/is taken/, { PORT: port, GATEWAYS: "2" }),
      assertRefused(new RegExp(`port ${port} of 127.0.0.1 is taken`), { ADMIN_PORT: port }),
    ]);
    server.close();
  });

  it("one port for two services", async () => {
    const port = String(await findFreePort());
    await assertRefused(/ADMIN_PORT and PORT are both \d+; choose another one/, { PORT: port, ADMIN_PORT: port });
  });

  it("an unreachable database", async () => {
    const url = "postgres://onsale:secret@127.0.0.1:1/onsale";
    await assertRefused(/^Onsale cannot start: nothing answers at 127.0.0.1:1; is the database/, { DATABASE_URL: url });
  });

  it("bad values, and names all of them", async () => {
    const environment = {
      PORT: "http",
      WORKERS: "0",
      REDIS_URL: "localhost",
      AUTH: "some",
      LOG_LEVEL: "loud",
      ADMIN_PASSWORD: "short",
    };
    await assertRefused(
      /PORT .*ADMIN_PASSWORD must have at least 12 characters; REDIS_URL .*WORKERS .*LOG_LEVEL .*AUTH /,
      environment,
    );
  });

  it("an address that other machines can reach, unless AUTH is keys", async () => {
    await assertRefused(/^Onsale cannot start: HOST must be a loopback address .* AUTH=keys/, { HOST: "0.0.0.0" });
  });
});
