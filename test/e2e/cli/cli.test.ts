import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { postgresQueues } from "../../support/services/backends.ts";
import type { Installation } from "../../support/services/installation.ts";
import { createCli } from "../../support/services/program.ts";
import { until, untilTrue } from "../../support/until.ts";
import { startReceiver } from "../../support/webhooks/receiver.ts";
import { startInstallationWithWebhooks } from "../../support/webhooks/webhooks.ts";

const times = ["--start", "2030-06-01T19:00:00Z", "--end", "2030-06-01T22:00:00+02:00"] as const;

let installation: Installation;
let cli: ReturnType<typeof createCli>;

before(async () => {
  installation = await startInstallationWithWebhooks(postgresQueues);
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
    const [again, refused] = await Promise.all([
      cli.json("orders", "buy", "CLI-SHOW", "VIP", "2", "--key", "cli-1", "--customer", "c-7"),
      cli.run("orders", "buy", "CLI-SHOW", "VIP", "2"),
    ]);

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

  it("changes the rules of an event, pauses and resumes its sale, and shows who did it", async () => {
    const rules = ["--sales-start", "2029-01-01T09:00:00Z", "--max-per-order", "4"];
    const created = await cli.json("events", "create", "CLI-RULES", "--name", "A show", ...times, ...rules);
    assert.deepEqual([get(created, "sale", "state"), get(created, "maxPerOrder")], ["scheduled", 4]);
    await cli.json(
      "inventory",
      "set",
      "CLI-RULES",
      "VIP",
      "3",
      "--max-per-order",
      "2",
      "--sales-end",
      "2029-05-01T09:00Z",
    );
    const shown = await cli.run("events", "show", "CLI-RULES");
    assert.match(shown.stdout, /^sale +scheduled, from 2029-01-01 .* until 2030-06-01 /m);
    assert.match(shown.stdout, /^VIP +3 +until 2029-05-01 .*, up to 2 per order$/m);
    const opened = await cli.json("events", "change", "CLI-RULES", "--sales-start", "none", "--max-per-order", "none");
    assert.deepEqual([get(opened, "sale", "state"), get(opened, "maxPerOrder")], ["open", null]);
    assert.equal(get(await cli.json("events", "pause", "CLI-RULES"), "sale", "state"), "paused");
    const refused = await cli.run("orders", "buy", "CLI-RULES", "VIP", "1");
    assert.deepEqual([refused.code, refused.stderr.includes("sale-paused")], [1, true], refused.stderr);
    assert.equal(get(await cli.json("events", "resume", "CLI-RULES"), "sale", "state"), "open");
    const log = await cli.run("events", "activity", "CLI-RULES");
    assert.match(log.stdout, /api +event-changed +paused true -> false$/m);
    assert.match(log.stdout, /api +ticket-type-changed +VIP total none -> 3, .*maxPerOrder none -> 2$/m);
    for (const bad of [["--sales-end", "tomorrow"], ["--max-per-order", "0"], []]) {
      assert.notEqual((await cli.run("events", "change", "CLI-RULES", ...bad)).code, 0);
    }
  });

  it("lists more than one page of the API, and says how much it left out", async () => {
    const code = await installation.api.createEvent({ STANDARD: 1_000 });
    await Promise.all(
      Array.from({ length: 130 }, () => installation.api.purchase({ eventCode: code, waitSeconds: 20 })),
    );
    const [all, some] = await Promise.all([
      cli.json("orders", "list", "--event", code, "--limit", "500"),
      cli.run("orders", "list", "--event", code, "--limit", "120"),
    ]);
    const items = get(all, "items");
    assert(Array.isArray(items));
    assert.equal(new Set(items.map((item) => get(item, "id"))).size, 130);
    assert.match(some.stdout, /\n120 of 130; --limit shows more\n$/);
  });

  it("registers a webhook endpoint, pings it, shows its answer, rotates its secret and deletes it", async () => {
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
    const [listed, shown] = await Promise.all([cli.json("webhooks", "list"), cli.run("webhooks", "show", id)]);
    assert.equal(get(listed, "items", 0, "id"), id);
    assert.match(shown.stdout, /^events +order\.rejected$/m);

    assert.deepEqual(await cli.json("webhooks", "delete", id), { deleted: id });
    const gone = await cli.run("webhooks", "show", id);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /webhook-not-found, request \S+\)\n→ .*onsale webhooks list/);
  });

  it("watches a sale until Ctrl-C, with exit code 0", async () => {
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

  it("stops watching when the reader of its output has ended", async () => {
    const code = await installation.api.createEvent({ STANDARD: 50 });
    const watching = cli.start("events", "watch", code);
    await untilTrue("it shows the sale", () => watching.output().stdout.includes("50 of 50 left"));
    watching.process.stdout?.destroy();
    // The next line cannot be written.
    await installation.api.purchase({ eventCode: code, waitSeconds: 20 });
    assert.equal((await watching.ended).code, 0);
  });

  it("prints the key for another try when a purchase had no answer", async () => {
    const lost = createCli({ ONSALE_URL: "http://127.0.0.1:1023" });
    const { code, stdout, stderr } = await lost.run(
      "orders",
      "buy",
      "ANY",
      "STANDARD",
      "--wait",
      "1",
      "--key",
      "cli-lost",
    );
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^No answer in time\n.*\n.*\n→ Run the same command again with: --key cli-lost\n$/);
  });

  it("writes no colours where there is no terminal, and an error as JSON for machines", async () => {
    const [{ code, stdout, stderr }, { stdout: text }] = await Promise.all([
      cli.run("orders", "show", "no-such-order", "--json"),
      cli.run("events", "list"),
    ]);
    assert.deepEqual([code, stdout], [1, ""]);
    const error = get(JSON.parse(stderr), "error");
    assert.equal(get(error, "title"), "There is no such order");
    assert.match(String(get(error, "details", 1)), /^\(404 order-not-found, request /);
    assert(!text.includes("\u001b"));
  });

  // The last one, because nothing is decided once the worker has stopped.
  it("prints the key after Ctrl-C, also a random one, and buys nothing twice", async () => {
    for (const worker of installation.workers) await worker.stop();
    const code = await installation.api.createEvent({ STANDARD: 5 });
    const buying = cli.start("orders", "buy", code, "STANDARD", "2");
    const list = () => cli.json("orders", "list", "--event", code);
    const id = await until("it is recorded", async () => get(await list(), "items", 0, "id"));
    buying.process.kill("SIGINT");
    const { code: exitCode, stdout, stderr } = await buying.ended;
    assert.deepEqual([exitCode, stdout], [1, ""]);
    const key = /the purchase may be recorded or not\.\n→ .* --key (\S+)\n$/.exec(stderr)?.[1];
    assert(key !== undefined, stderr);

    const repeat = ["orders", "buy", code, "STANDARD", "2", "--key", key, "--wait", "1", "--json"];
    const again = await cli.run(...repeat);
    assert.equal(get(JSON.parse(again.stdout), "id"), id);
    assert.equal(get(await list(), "total"), 1);
  });
});
