// The command line sets pools, limits per customer and hidden ticket types, moves stock and makes access codes.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { createCli } from "../../support/services/program.ts";

const times = ["--start", "2030-06-01T19:00:00Z", "--end", "2030-06-01T22:00:00Z"] as const;

describe("the command line and the rules of a sale", () => {
  let cli: ReturnType<typeof createCli>;
  before(async () => {
    const settings = { CUSTOMER_KEY: randomBytes(32).toString("base64") };
    const { api } = await startInstallation(postgresQueues, { settings });
    cli = createCli({ ONSALE_URL: api.baseUrl });
  });

  async function assertRefused(advice: RegExp, ...parameters: string[]): Promise<void> {
    const { code, stderr } = await cli.run(...parameters);
    assert.equal(code, 1, stderr);
    assert.match(stderr, advice);
  }

  it("sets pools and limits per customer, and moves stock", async () => {
    const stock = ["--ticket", "SEAT=10", "--ticket", "STANDING=0"];
    await cli.json("events", "create", "CLI-POOLS", "--name", "A show", ...times, ...stock, "--pool", "HALL=5");
    await cli.json("events", "change", "CLI-POOLS", "--max-per-customer", "4", "--pool", "HALL=6", "--pool", "FIRE=9");
    const set = ["inventory", "set", "CLI-POOLS", "SEAT", "10", "--max-per-customer", "3"];
    const limited = await cli.run(...set, "--pools", "HALL", "FIRE");
    assert.match(limited.stdout, /^SEAT +10 +0 +0 +6 +HALL$/m);
    const shown = await cli.run("events", "show", "CLI-POOLS");
    assert.match(shown.stdout, /^per customer +up to 4 tickets$/m);
    assert.match(shown.stdout, /^pools +FIRE 9 of 9 left, HALL 6 of 6 left$/m);
    assert.match(shown.stdout, /^SEAT +10 +up to 3 per customer, draws on HALL and FIRE$/m);
    const moved = await cli.run("inventory", "move", "CLI-POOLS", "SEAT", "STANDING", "2", "--reason", "Row 7.");
    assert.match(moved.stdout, /^STANDING +2 /m);
    const buy = ["orders", "buy", "CLI-POOLS", "SEAT"];
    const bought = await cli.run(...buy, "3", "--customer", "c-1");
    assert.equal(bought.code, 0, bought.stderr);
    const refused = await cli.run(...buy, "1", "--customer", "c-1");
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /more tickets than one customer may have/);
    await assertRefused(/--customer REF/, ...buy, "1");
    await assertRefused(/--pool NAME=TOTAL/, "inventory", "set", "CLI-POOLS", "SEAT", "10", "--pools", "MOON");
    await cli.json(...set, "--pools", "none");
    assert.doesNotMatch((await cli.run("events", "show", "CLI-POOLS")).stdout, /draws on/);
  });

  it("makes, lists and revokes access codes, and buys with them", async () => {
    await cli.json("events", "create", "CLI-CODES", "--name", "A show", ...times, "--ticket", "STANDARD=5");
    await cli.json("inventory", "set", "CLI-CODES", "FANCLUB", "5", "--hidden");
    const create = ["codes", "create", "CLI-CODES", "--types", "FANCLUB"];
    const made = await cli.run(...create, "--count", "2", "--uses", "3", "--max-per-order", "2");
    const codes = made.stdout.trim().split("\n");
    assert.equal(new Set(codes).size, 2);
    assert.match(made.stderr, /Keep the codes/);
    await cli.json(...create, "--code", "FRIENDS");
    await assertRefused(/--count 1/, ...create, "--code", "friends");
    const buy = ["orders", "buy", "CLI-CODES", "FANCLUB", "2"];
    const bought = await cli.run(...buy, "--access-code", codes[0] ?? "");
    assert.equal(bought.code, 0, bought.stderr);
    assert.equal((await cli.run(...buy)).code, 1);
    const listed = await cli.run("codes", "list", "CLI-CODES");
    assert.match(listed.stdout, /^ *\d+ +FANCLUB +0 +1 /m);
    const [, id = ""] =
      new RegExp(`^ *(\\d+) +${codes[0]?.slice(-4)} +FANCLUB +1 +3 +2 `, "m").exec(listed.stdout) ?? [];
    const revoked = await cli.run("codes", "revoke", "CLI-CODES", id);
    assert.equal(revoked.code, 0, revoked.stderr);
    await assertRefused(/onsale codes list/, ...buy, "--access-code", codes[0] ?? "");
    for (const bad of [
      ["--code", "no"],
      ["--code", "FRIENDS-2", "--count", "2"],
      ["--uses", "0"],
    ]) {
      assert.equal((await cli.run(...create, ...bad)).code, 2);
    }
    await cli.json("inventory", "set", "CLI-CODES", "FANCLUB", "5", "--no-hidden");
    assert.equal((await cli.run("orders", "buy", "CLI-CODES", "FANCLUB", "1")).code, 0);
  });
});
