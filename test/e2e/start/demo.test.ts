import { strict as assert } from "node:assert";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { before, describe, it } from "node:test";
import { connect } from "../../support/database/database.ts";
import type { Api } from "../../support/http/api.ts";
import { listen, startFaultyProxy } from "../../support/http/faulty-proxy.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { type Ended, startProgram } from "../../support/services/program.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { until, untilTrue } from "../../support/until.ts";

const demo = (url: string, ...options: string[]) => startProgram("test/demo/main.ts", options, { ONSALE_URL: url });

/** The code of the event that a demo created. */
const eventOf = (stdout: string) => /^(DEMO-\S+): /m.exec(stdout)?.[1] ?? "";

describePipeline("npm run demo", (backend) => {
  let installation: Installation;
  let api: Api;

  before(async () => {
    installation = await startInstallation(backend, { settings: { SOLD_OUT: "refuse" } });
    ({ api } = installation);
  });

  it("plays a sale to its sell-out, and finds that nothing was lost or oversold", async () => {
    const { code, stdout, stderr } = await demo(api.baseUrl, "--buyers", "2000", "--seconds", "5", "--seed", "1").ended;
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /: 2,000 of 2,000 buyers came in .*\(seed 1\)/);
    assert.match(stdout, /^✔ Nothing was lost, nothing was oversold/m);
    assert.match(stderr, /\/s accepted .*\/s decided/);
    assert.match(stdout, /^[1-9]\d* buyers held their tickets first: [1-9]\d* paid, .*, [1-9]\d* gave up\.$/m);
    assert.match(stdout, /^.* orders are confirmed, .* held, .* expired, [1-9]\d* cancelled\.$/m);

    const audit = await api.assertSound(eventOf(stdout));
    const found = /^([\d,]+) of the ([\d,]+) accepted orders were found again/m.exec(stdout);
    assert(found !== null && found[1] === found[2] && found[1] !== "0");
    assert.equal(audit.orders.pending, 0);
    const stock = await api.inventory(eventOf(stdout));
    // A few come back from buyers who give up, when nobody is left who wants so few.
    const leftShares = new Map(stock.map(({ ticketType, available, total }) => [ticketType, available / total]));
    assert((leftShares.get("VIP") ?? 1) < 0.05, JSON.stringify(stock));
    assert((leftShares.get("STANDARD") ?? 1) < 0.05, JSON.stringify(stock));
    assert((leftShares.get("BALCONY") ?? 0) > 0.05, JSON.stringify(stock));
    const replays = Number(/^([\d,]+) requests came again with the same key/m.exec(stdout)?.[1]?.replaceAll(",", ""));
    assert(replays > 0);
  });

  it("Ctrl-C ends it with a report of what happened so far", async () => {
    const running = demo(api.baseUrl, "--buyers", "3000", "--seconds", "600");
    await untilTrue("a buyer came", () => /[1-9]\d* came/.test(running.output().stderr), 30_000);
    running.process.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, / of 3,000 buyers came in .*then it was stopped/);
    assert.match(stdout, /^✔ The audit of /m);
  });

  it("uses an API key where one is required, and says what to do without one", async () => {
    const { environment, databaseUrl } = installation;
    const { url } = await startGateway({ ...environment, AUTH: "keys" });
    const { key } = await createKey(connect(databaseUrl));
    const options = ["--buyers", "500", "--seconds", "3", "--seed", "1"];
    const withKey = { ONSALE_URL: url, ONSALE_API_KEY: key };
    const { code, stdout, stderr } = await startProgram("test/demo/main.ts", options, withKey).ended;
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /^✔ Nothing was lost, nothing was oversold/m);
    const none = await demo(url).ended;
    assert.equal(none.code, 1);
    assert.match(none.stderr, /a key with the scope admin; make one with: .*keys create --name demo --scopes admin\n$/);
  });

  it("a second Ctrl-C ends it at once, also during the checks, with a report of what it knows", async () => {
    let isChecking = false;
    const url = await startFaultyProxy(api.baseUrl, ({ url: path = "" }) => {
      // Never answered.
      const isCheck = checkPattern.test(path);
      isChecking ||= isCheck;
      return isCheck;
    });
    const running = demo(url, "--buyers", "200", "--seconds", "2", "--seed", "1");
    await untilTrue("the checks have begun", () => isChecking, 30_000);
    await untilTrue(
      "it has ended",
      () => {
        running.process.kill("SIGINT");
        return running.process.exitCode !== null;
      },
      30_000,
    );
    const { code, stdout } = await running.ended;
    assert.equal(code, 1);
    assert.match(stdout, /: 200 of 200 buyers came in /);
    assert.match(stdout, /^✘ Could not be checked: the audit: it was stopped$/m);
  });

  it("says what to do when there is no gateway, and refuses bad options", async () => {
    const [none, elsewhere, dense, unknown] = await Promise.all([
      demo("http://127.0.0.1:1023").ended,
      demo("https://tickets.example.com").ended,
      demo("http://127.0.0.1:1023", "--buyers", "100000", "--seconds", "1").ended,
      demo("http://127.0.0.1:1023", "--byers", "1").ended,
    ]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /^demo: .*Start one with: npm start\n$/);
    assert.match(elsewhere.stderr, /is not this machine; .*--i-own-this-server\n$/);
    assert.match(dense.stderr, /need --seconds 20 or more\n$/);
    assert.match(unknown.stderr, /--byers/);
    for (const { code, stdout } of [elsewhere, dense, unknown]) assert.deepEqual([code, stdout], [2, ""]);
  });

  describe("against a gateway that", () => {
    let changesIds: Ended;
    let isBusy: Ended;
    let refusesAudits: Ended;
    const troubleCounts = new Map<string, number>();

    // At the same time, because each mostly waits.
    before(async () => {
      const urls = await Promise.all([
        // Every answer to a purchase has a new id, so no order is found again.
        startIdChanger(api.baseUrl),
        startFaultyProxy(api.baseUrl, makeTrouble),
        startFaultyProxy(api.baseUrl, refuseAudit),
      ]);
      const runs = urls.map((url) => demo(url, "--buyers", "200", "--seconds", "2", "--seed", "1").ended);
      const [first, second, third] = await Promise.all(runs);
      assert(first !== undefined && second !== undefined && third !== undefined);
      [changesIds, isBusy, refusesAudits] = [first, second, third];
    });

    function makeTrouble({ url: path = "" }: IncomingMessage, response: ServerResponse): boolean {
      const kinds = [() => response.writeHead(503).end("busy"), () => tooMany(response), () => cutOff(response)];
      const [check] = checkPattern.exec(path) ?? [];
      const count = check === undefined ? kinds.length : (troubleCounts.get(check) ?? 0);
      const trouble = kinds[count];
      if (check === undefined || trouble === undefined) return false;
      troubleCounts.set(check, count + 1);
      trouble();
      return true;
    }

    function refuseAudit({ url: path = "" }: IncomingMessage, response: ServerResponse): boolean {
      if (!path.endsWith("/audit")) return false;
      response.writeHead(403).end();
      return true;
    }

    it("loses an accepted order, or answers a replay with another order: fails", () => {
      assert.equal(changesIds.code, 1);
      assert.match(changesIds.stdout, /^✘ an accepted order is lost: /m);
      assert.match(changesIds.stdout, /^✘ the same key was answered with another order: /m);
    });

    it("is too busy for its checks or breaks connections: tries them again", () => {
      assert.equal(isBusy.code, 0, `${isBusy.stdout}${isBusy.stderr}`);
      assert.deepEqual([...troubleCounts.values()], [3, 3, 3]);
    });

    it("refuses a check: fails, and reports what it found", () => {
      const { code, stdout } = refusesAudits;
      assert.equal(code, 1);
      assert.match(stdout, /: 200 of 200 buyers came in /);
      assert.match(stdout, /^✘ Could not be checked: the audit: .*--scopes admin$/m);
      assert.doesNotMatch(stdout, /Nothing was lost/);
      const found = /^([\d,]+) of the ([\d,]+) accepted orders were found again/m.exec(stdout);
      assert(found !== null && found[1] === found[2] && found[1] !== "0", stdout);
    });
  });

  // The last one: the worker that it starts ends with it.
  it("continues after the death of the worker, and loses no order", async () => {
    const { workers, environment } = installation;
    const running = demo(api.baseUrl, "--buyers", "1000", "--seconds", "6");
    await until("tickets are sold", () => /left: /.exec(running.output().stderr), 30_000);
    await workers[0]?.kill();
    await startWorker(environment);
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, `${stdout}${stderr}`);
  });
});

/** The requests of the checks after the sale. */
const checkPattern = /\/orders\?event=|\/inventory\/DEMO-|\/audit$/;

function tooMany(response: ServerResponse): void {
  response.writeHead(429, { "retry-after": "1" }).end();
}

function cutOff(response: ServerResponse): void {
  response.destroy();
}

/** Starts a proxy before a gateway that changes the ids of purchased orders. */
async function startIdChanger(target: string): Promise<string> {
  let count = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
    const isPurchase = request.url?.includes("/orders/purchase") ?? false;
    const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? "GET",
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...body,
    });
    if (answer.headers.get("content-type")?.startsWith("text/event-stream")) return void response.writeHead(204).end();
    const text = await answer.text();
    const id = `01990000-0000-7000-8000-${String(count++).padStart(12, "0")}`;
    const changed = isPurchase && answer.ok ? JSON.stringify({ ...JSON.parse(text), id }) : text;
    response.writeHead(answer.status, { "content-type": "application/json" }).end(changed);
  });
  return listen(server);
}
