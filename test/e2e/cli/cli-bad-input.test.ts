import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { createCli } from "../../support/services/program.ts";

const start = ["--start", "2030-06-01T19:00:00Z"] as const;
const times = [...start, "--end", "2030-06-01T22:00:00Z"] as const;

let installation: Installation;
let cli: ReturnType<typeof createCli>;

before(async () => {
  installation = await startInstallation(postgresQueues);
  cli = createCli({ ONSALE_URL: installation.api.baseUrl });
});

describe("bad input to the command line", () => {
  const bad: readonly (readonly [RegExp, ...string[]])[] = [
    [/^Usage: onsale/],
    [/^Unknown command 'evnts'\n→ Did you mean events\? See how it is used with: --help\n$/, "evnts"],
    [/^Unknown command 'lst'\n→ Did you mean list\?/, "events", "lst", "--limit", "5"],
    [/^Usage: onsale events/, "events"],
    [/^Missing required argument 'code'/, "events", "show"],
    [/An event's code has 1 to 64/, "events", "show", "a/b"],
    [/An event's code has 1 to 64/, "events", "create", "", "--name", "x", ...times],
    [/^Required option '--end <time>'/, "events", "create", "BAD-1", "--name", "x", ...start],
    [/must be a time, such as/, "events", "create", "BAD-1", "--name", "x", ...start, "--end", "tomorrow"],
    [/must be a time, such as/, "events", "create", "BAD-1", "--name", "x", ...start, "--end", "2030-06-01T23"],
    ...["2030-02-30T19:00:00Z", "2030-02-29T19:00Z", "2030-06-01T24:00:00Z", "2030-13-01T19:00:00+02:00"].map(
      (time) =>
        [/There is no such time/, "events", "create", "BAD-1", "--name", "x", "--start", time, "--end", time] as const,
    ),
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
    [/A key has 1 to 255 visible ASCII/, "orders", "buy", "BAD-STOCK", "VIP", "--key", "€1"],
    [/A key has 1 to 255 visible ASCII/, "orders", "buy", "BAD-STOCK", "VIP", "--key", "a\nb"],
    [/A key has 1 to 255 visible ASCII/, "orders", "buy", "BAD-STOCK", "VIP", "--key", ""],
    [/whole number from 1 to 600/, "orders", "buy", "BAD-STOCK", "VIP", "--wait", "0"],
    [/^Name the tickets either as <type>/, "orders", "buy", "BAD-STOCK"],
    [/^Name the tickets either as <type>/, "orders", "buy", "BAD-STOCK", "VIP", "--item", "VIP=1"],
    [/VIP is given twice/, "orders", "buy", "BAD-STOCK", "--item", "VIP=1", "--item", "VIP=2"],
    [/must be a name and a number/, "orders", "buy", "BAD-STOCK", "--item", "VIP"],
    [/whole number from 1 to 10000/, "orders", "buy", "BAD-STOCK", "--item", "VIP="],
    [/whole number from 30 to 3600/, "orders", "buy", "BAD-STOCK", "VIP", "--hold", "29"],
    [/whole number from 30 to 3600/, "orders", "hold", "BAD-STOCK", "VIP", "--seconds", "3601"],
    [/A payment's reference has/, "orders", "confirm", "some-id", "--payment-reference", "pay 1"],
    [/A ticket type has/, "orders", "cancel", "some-id", "--item", "vip=1"],
    [/A key has 1 to 255 visible ASCII/, "orders", "cancel", "some-id", "--key", "a b"],
    [/whole number from 30 to 3600/, "orders", "extend", "some-id", "3601"],
    [/^Missing required argument 'seconds'/, "orders", "extend", "some-id"],
    [/Allowed choices are PENDING/, "orders", "list", "--status", "confirmed"],
    [/An id has up to 64 letters/, "orders", "show", "../events"],
    [/It must be a URL/, "webhooks", "create", "ftp://shop.example.com"],
    [/Allowed choices are order\.held/, "webhooks", "create", "https://shop.example.com", "--events", "order.paid"],
    [/^Too many arguments/, "audit", "BAD-STOCK", "VIP"],
    [/^Unknown option '--frce'\n→ See how/, "webhooks", "delete", "--frce", "some-id"],
    [/^Unknown option '--limt'\n→ Did you mean --limit\?/, "events", "list", "--limt", "5"],
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
    assert.deepEqual(await cli.json("webhooks", "list"), { items: [], total: 0, totalIsExact: true });
  });

  it("does not include unusual times that exist", async () => {
    const odd = ["--start", "2028-02-29T00:00+13:45", "--end", "2028-02-29T23:59:59.999-09:30"];
    const created = await cli.run("events", "create", "ODD-TIMES", "--name", "x", ...odd, "--json");
    assert.equal(created.code, 0, created.stderr);
    const { startTime, endTime } = JSON.parse(created.stdout);
    assert.deepEqual([startTime, endTime], ["2028-02-28T10:15:00.000Z", "2028-03-01T09:29:59.999Z"]);
  });

  it("that only the gateway can find is printed as its problem, with advice", async () => {
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

  it("in the settings is named completely, without secrets", async () => {
    const environment = { ONSALE_URL: "http://user:hunter2@127.0.0.1", ONSALE_API_KEY: "hunter3 hunter4" };
    const { code, stderr } = await createCli(environment).run("events", "list");
    assert.equal(code, 2);
    assert.match(stderr, /ONSALE_URL must be .*\n.*ONSALE_API_KEY must be/);
    assert.doesNotMatch(stderr, /hunter/);
  });

  it("includes an address where no gateway answers", async () => {
    const none = await createCli({ ONSALE_URL: "http://127.0.0.1:1023" }).run("events", "list");
    assert.equal(none.code, 1);
    assert.match(none.stderr, /^No answer from http:\/\/127\.0\.0\.1:1023: .*\n→ Is a gateway running there\?/);
    // A worker serves HTTP, too, but not the API.
    const other = await createCli({ ONSALE_URL: installation.workers[0]?.url ?? "" }).run("events", "list");
    assert.equal(other.code, 1);
    assert.match(other.stderr, /^The answer is not one of this API\n.*\n.*\n→ Is this an Onsale gateway\?/);
  });
});
