import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { backends } from "../support/backends.ts";
import type { Installation } from "../support/installation.ts";
import { createCli } from "../support/program.ts";
import { startReceiver } from "../support/receiver.ts";
import { until, untilTrue } from "../support/until.ts";
import { startInstallationWithWebhooks } from "../support/webhooks.ts";

const start = ["--start", "2030-06-01T19:00:00Z"] as const;
const times = [...start, "--end", "2030-06-01T22:00:00+02:00"] as const;

let installation: Installation;
let cli: ReturnType<typeof createCli>;

before(async () => {
  const [backend] = backends;
  assert(backend !== undefined);
  installation = await startInstallationWithWebhooks(backend);
  cli = createCli({ ONSALE_URL: installation.api.baseUrl });
});

/** A value of a command's JSON. */
function get(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce(
    (part, name) => (typeof part === "object" && part !== null ? Reflect.get(part, name) : undefined),
    value,
  );
}

describe("the command line", () => {
  it("creates an event, sets its stock, sells it, and shows all of it", async () => {
    const stock = ["--ticket", "VIP=2", "--ticket", "STANDARD=100"];
    const created = await cli.json("events", "create", "CLI-SHOW", "--name", "A show", ...times, ...stock);
    const changed = await cli.json("inventory", "set", "CLI-SHOW", "VIP", "3");
    const bought = await cli.run("orders", "buy", "CLI-SHOW", "VIP", "2", "--key", "cli-1", "--customer", "c-7");
    const again = await cli.json("orders", "buy", "CLI-SHOW", "VIP", "2", "--key", "cli-1", "--customer", "c-7");
    const refused = await cli.run("orders", "buy", "CLI-SHOW", "VIP", "2");

    assert.equal(get(created, "endTime"), "2030-06-01T20:00:00.000Z");
    assert.deepEqual([get(changed, "total"), get(changed, "available")], [3, 3]);
    assert.equal(bought.code, 0, bought.stderr);
    assert.match(bought.stdout, /^status +CONFIRMED$/m);
    assert.match(bought.stdout, /^customer +c-7$/m);
    assert.deepEqual([get(again, "status"), get(again, "customerRef")], ["CONFIRMED", "c-7"]);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /^status +REJECTED$/m);

    const id = String(get(again, "id"));
    const [shown, listed, sold, audit, events, line] = await Promise.all([
      cli.json("orders", "show", id),
      cli.json("orders", "list", "--event", "CLI-SHOW", "--status", "CONFIRMED"),
      cli.run("inventory", "show", "CLI-SHOW"),
      cli.run("audit", "CLI-SHOW"),
      cli.json("events", "list", "--limit", "1"),
      cli.run("orders", "watch", id),
    ]);
    assert.deepEqual(shown, again);
    assert.deepEqual([get(listed, "total"), get(listed, "items", 0, "id")], [1, id]);
    assert.match(sold.stdout, /^VIP +3 +2 +0 +1$/m);
    assert.match(audit.stdout, /Everything is in order\.$/m);
    assert.equal(get(events, "items", 0, "code"), "CLI-SHOW");
    assert.deepEqual([line.code, line.stdout.trim().split("\n").length], [0, 1]);
    assert.match(line.stdout, /CONFIRMED/);
  });

  it("shows more of a list than fits on a page of the API, and says what it left out", async () => {
    const code = await installation.api.createEvent({ STANDARD: 1_000 });
    await Promise.all(
      Array.from({ length: 130 }, () => installation.api.purchase({ eventCode: code, waitSeconds: 20 })),
    );
    const all = await cli.json("orders", "list", "--event", code, "--limit", "500");
    const some = await cli.run("orders", "list", "--event", code, "--limit", "120");
    const items = get(all, "items");
    assert(Array.isArray(items));
    assert.equal(new Set(items.map((item) => get(item, "id"))).size, 130);
    assert.match(some.stdout, /\n120 of 130; --limit shows more\n$/);
  });

  it("registers a webhook endpoint, pings it, shows what was answered, rotates its secret and deletes it", async () => {
    const receiver = await startReceiver();
    const created = await cli.json("webhooks", "create", receiver.url, "--events", "order.rejected");
    const id = String(get(created, "id"));
    assert.match(String(get(created, "secret")), /^whsec_/);
    await cli.json("webhooks", "ping", id);
    await untilTrue("the ping has arrived", () => receiver.received.length === 1);
    await until("it is recorded", async () => {
      const { stdout } = await cli.run("webhooks", "deliveries", id, "--status", "DELIVERED");
      return /webhook\.ping +DELIVERED .* 1 +20\d delivered in/.exec(stdout);
    });
    const rotated = await cli.json("webhooks", "rotate", id);
    assert.notEqual(get(rotated, "secret"), get(created, "secret"));
    assert.equal(get(await cli.json("webhooks", "list"), "items", 0, "id"), id);
    assert.match((await cli.run("webhooks", "show", id)).stdout, /^events +order\.rejected$/m);

    assert.deepEqual(await cli.json("webhooks", "delete", id), { deleted: id });
    const gone = await cli.run("webhooks", "show", id);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /webhook-not-found, request \S+\)\n→ .*onsale webhooks list/);
  });

  it("watches a sale until Ctrl-C, which is no failure", async () => {
    const code = await installation.api.createEvent({ STANDARD: 5 });
    const watching = cli.start("events", "watch", code, "--json");
    await untilTrue("it shows the sale", () => watching.output().stdout.includes('"available":5'));
    await installation.api.purchase({ eventCode: code, waitSeconds: 20 });
    await untilTrue("it shows what was sold", () => watching.output().stdout.includes('"available":4'));
    watching.process.kill("SIGINT");
    const { code: exitCode, stdout, stderr } = await watching.ended;
    assert.deepEqual([exitCode, stderr], [0, ""]);
    for (const line of stdout.trim().split("\n")) assert.equal(get(JSON.parse(line), "eventCode"), code);
  });

  it("stops watching when nobody reads on", async () => {
    const code = await installation.api.createEvent({ STANDARD: 50 });
    const watching = cli.start("events", "watch", code);
    await untilTrue("it shows the sale", () => watching.output().stdout.includes("50 of 50 left"));
    watching.process.stdout?.destroy();
    // The next line finds out.
    await installation.api.purchase({ eventCode: code, waitSeconds: 20 });
    assert.equal((await watching.ended).code, 0);
  });

  it("says with which key to go on when a purchase got no answer", async () => {
    const { code, stdout, stderr } = await createCli({ ONSALE_URL: "http://127.0.0.1:1023" }).run(
      ...["orders", "buy", "ANY", "STANDARD", "--wait", "1", "--key", "cli-lost"],
    );
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^No answer in time\n.*\n.*\n→ Run the same command again with: --key cli-lost\n$/);
  });

  it("writes no colours where there is no terminal, and an error as JSON for machines", async () => {
    const { code, stdout, stderr } = await cli.run("orders", "show", "no-such-order", "--json");
    assert.deepEqual([code, stdout], [1, ""]);
    const error = get(JSON.parse(stderr), "error");
    assert.equal(get(error, "title"), "There is no such order");
    assert.match(String(get(error, "details", 1)), /^\(404 order-not-found, request /);
    const { stdout: text } = await cli.run("events", "list");
    assert(!text.includes("\u001b"));
  });
});

describe("bad input to the command line", () => {
  const bad: readonly (readonly [RegExp, ...string[]])[] = [
    [/^Usage: onsale/],
    [/unknown command 'evnts'/, "evnts"],
    [/^Usage: onsale events/, "events"],
    [/missing required argument 'code'/, "events", "show"],
    [/An event's code has 1 to 64/, "events", "show", "a/b"],
    [/An event's code has 1 to 64/, "events", "create", "", "--name", "x", ...times],
    [/required option '--end <time>'/, "events", "create", "BAD-1", "--name", "x", ...start],
    [/must be a time with an offset/, "events", "create", "BAD-1", "--name", "x", ...start, "--end", "tomorrow"],
    [
      /must be a time with an offset/,
      "events",
      "create",
      "BAD-1",
      "--name",
      "x",
      ...start,
      "--end",
      "2030-06-01T23:00",
    ],
    [/A ticket type has/, "events", "create", "BAD-1", "--name", "x", ...times, "--ticket", "vip=1"],
    [/whole number from 0/, "events", "create", "BAD-1", "--name", "x", ...times, "--ticket", "VIP=-1"],
    [
      /VIP is given twice/,
      "events",
      "create",
      "BAD-1",
      "--name",
      "x",
      ...times,
      "--ticket",
      "VIP=1",
      "--ticket",
      "VIP=2",
    ],
    [/whole number from 0 to 10000000/, "inventory", "set", "BAD-STOCK", "VIP", "1e3"],
    [/whole number from 0 to 10000000/, "inventory", "set", "BAD-STOCK", "VIP", "10000001"],
    [/whole number from 1/, "orders", "buy", "BAD-STOCK", "VIP", "0"],
    [/Allowed choices are optimistic, pessimistic/, "orders", "buy", "BAD-STOCK", "VIP", "--strategy", "luck"],
    [/whole number from 1 to 600/, "orders", "buy", "BAD-STOCK", "VIP", "--wait", "0"],
    [/Allowed choices are PENDING/, "orders", "list", "--status", "confirmed"],
    [/An id is as the API shows it/, "orders", "show", "../events"],
    [/It must be a URL/, "webhooks", "create", "ftp://shop.example.com"],
    [
      /Allowed choices are order\.confirmed/,
      "webhooks",
      "create",
      "https://shop.example.com",
      "--events",
      "order.paid",
    ],
    [/too many arguments/, "audit", "BAD-STOCK", "VIP"],
    [/unknown option '--frce'/, "webhooks", "delete", "--frce", "some-id"],
  ];

  it("is one clear error with exit code 2, and changes nothing", async () => {
    await installation.api.createEvent({ VIP: 7 }, "BAD-STOCK");
    for (let index = 0; index < bad.length; index += 4) {
      await Promise.all(
        bad.slice(index, index + 4).map(async ([pattern, ...parameters]) => {
          const { code, stdout, stderr } = await cli.run(...parameters);
          assert.deepEqual([code, stdout], [2, ""], `${parameters.join(" ")}: ${stderr}`);
          assert.match(stderr, pattern, parameters.join(" "));
        }),
      );
    }
    const [stock] = await installation.api.inventory("BAD-STOCK");
    assert.deepEqual([stock?.total, stock?.sold, stock?.held], [7, 0, 0]);
    assert.equal((await installation.api.get("/api/v1/events/BAD-1")).status, 404);
    assert.equal(get(await cli.json("webhooks", "list"), "total"), 0);
  });

  it("that only the gateway can judge is its problem, told with what to do", async () => {
    const name = ["--name", "bell \u0007"];
    const [exists, below, unknown, name400] = await Promise.all([
      cli.run("events", "create", "BAD-STOCK", "--name", "x", ...times),
      cli.run("inventory", "set", "NO-SUCH", "VIP", "1"),
      cli.run("orders", "buy", "BAD-STOCK", "STANDARD"),
      cli.run("events", "create", "BAD-2", ...name, ...times),
    ]);
    assert.match(exists.stderr, /event-exists, request \S+\)\n→ Choose another code/);
    assert.match(below.stderr, /event-not-found, request \S+\)\n→ .*onsale events list/);
    assert.match(unknown.stderr, /ticket-type-not-found, request \S+\)\n→ .*onsale inventory show/);
    assert.match(name400.stderr, /validation-failed/);
    for (const { code, stdout } of [exists, below, unknown, name400]) assert.deepEqual([code, stdout], [1, ""]);
  });

  it("in its settings is named, all of it, and no secret is shown", async () => {
    const environment = { ONSALE_URL: "http://user:hunter2@127.0.0.1", ONSALE_API_KEY: "hunter3 hunter4" };
    const { code, stderr } = await createCli(environment).run("events", "list");
    assert.equal(code, 2);
    assert.match(stderr, /ONSALE_URL must be .*\n.*ONSALE_API_KEY must be/);
    assert.doesNotMatch(stderr, /hunter/);
  });

  it("an address where no gateway is says so", async () => {
    const nobody = await createCli({ ONSALE_URL: "http://127.0.0.1:1023" }).run("events", "list");
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /^No answer from http:\/\/127\.0\.0\.1:1023: .*\n→ Is a gateway running there\?/);
    // A worker's metrics are HTTP too.
    const other = await createCli({ ONSALE_URL: installation.workers[0]?.url ?? "" }).run("events", "list");
    assert.equal(other.code, 1);
    assert.match(other.stderr, /^The answer is not one of this API\n.*\n.*\n→ Is this an Onsale gateway\?/);
  });
});
