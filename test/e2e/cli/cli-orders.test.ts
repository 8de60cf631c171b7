// The life of an order on the command line.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { connect } from "../../support/database/database.ts";
import { expireHold } from "../../support/database/holds.ts";
import { newKey } from "../../support/http/api.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { createCli } from "../../support/services/program.ts";
import { untilTrue } from "../../support/until.ts";

let installation: Installation;
let cli: ReturnType<typeof createCli>;

before(async () => {
  installation = await startInstallation(postgresQueues);
  cli = createCli({ ONSALE_URL: installation.api.baseUrl });
});

/** An event whose tickets have prices. */
async function createEvent(standard: number, vip: number): Promise<string> {
  const price = (amount: number) => ({ amount, currency: "EUR" });
  const code = newKey();
  const ticketTypes = [
    { ticketType: "STANDARD", total: standard, price: price(4_500) },
    { ticketType: "VIP", total: vip, price: price(12_000) },
  ];
  const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
  const { status } = await installation.api.post("/api/v1/events", { code, name: "A show", ...times, ticketTypes });
  assert.equal(status, 201);
  return code;
}

/** The id of an order that the command line shows as text. */
function idIn(stdout: string): string {
  return /^order +(\S+)$/m.exec(stdout)?.[1] ?? assert.fail(stdout);
}

describe("the life of an order on the command line", () => {
  it("holds a basket, extends, confirms and cancels it, and shows its history", async () => {
    const code = await createEvent(5, 1);
    const basket = ["--item", "VIP=1", "--item", "STANDARD=2"];
    const held = await cli.run("orders", "hold", code, ...basket, "--seconds", "60");
    assert.equal(held.code, 0, held.stderr);
    assert.match(held.stdout, /^tickets +1 VIP at 120\.00 EUR, 2 STANDARD at 45\.00 EUR$/m);
    assert.match(held.stdout, /^total +210\.00 EUR$/m);
    assert.match(held.stdout, /^held until +20\d\d-/m);
    const id = idIn(held.stdout);
    assert.match(held.stderr, new RegExp(`onsale orders confirm ${id}\n$`));
    const watching = cli.start("orders", "watch", id);
    await untilTrue("the watcher shows the hold", () =>
      /HELD {2}1 VIP, 2 STANDARD {2}210\.00 EUR {2}until 20/.test(watching.output().stdout),
    );

    const extended = await cli.run("orders", "extend", id, "3600");
    assert.equal(extended.code, 0, extended.stderr);
    const twice = await cli.run("orders", "extend", id, "3600");
    assert.equal(twice.code, 1);
    assert.match(twice.stderr, /\(409 hold-extended-before, request /);
    const confirmed = await cli.run("orders", "confirm", id, "--payment-reference", "pay_1");
    assert.match(confirmed.stdout, /^status +CONFIRMED$/m);
    assert.match(confirmed.stdout, /^payment +pay_1$/m);
    const watched = await watching.ended;
    assert.equal(watched.code, 0);
    assert.match(watched.stdout, /CONFIRMED[^\n]*\n$/);

    const part = ["orders", "cancel", id, "--item", "STANDARD=1", "--key", newKey()];
    const [fewer] = [await cli.run(...part), await cli.run(...part)];
    assert.match(fewer.stdout, /^tickets +1 VIP at 120\.00 EUR, 1 STANDARD at 45\.00 EUR$/m);
    assert.match(fewer.stdout, /^asked for +1 VIP, 2 STANDARD$/m);
    const exceeding = await cli.run("orders", "cancel", id, "--item", "STANDARD=2");
    assert.match(exceeding.stderr, /items-exceed-order, request \S+\)\n→ .*onsale orders show ID\n$/);
    const cancelled = await cli.run("orders", "cancel", id, "--reason", "The buyer asked for it.");
    assert.match(cancelled.stdout, /^status +CANCELLED$/m);

    const [history, json, list] = await Promise.all([
      cli.run("orders", "history", id),
      cli.json("orders", "history", id),
      cli.run("orders", "list", "--event", code),
    ]);
    const lines = history.stdout.trimEnd().split("\n");
    assert.match(lines[0] ?? "", /^at +from +to +version +given back +by +reason$/);
    assert.match(lines[1] ?? "", /PENDING +HELD +2 +– /);
    assert.match(lines[4] ?? "", /CONFIRMED +CONFIRMED +5 +1 STANDARD /);
    assert.match(lines[5] ?? "", /CONFIRMED +CANCELLED +6 .* The buyer asked for it\.$/);
    assert(Array.isArray(json));
    assert.deepEqual([lines.length, json.length], [6, 5]);
    assert.match(list.stdout, new RegExp(`^${id} +${code} +1 VIP, 1 STANDARD +165\\.00 EUR +CANCELLED `, "m"));
    await installation.api.assertSound(code);
  });

  it("buys a part of a basket, when that is wanted", async () => {
    const code = await createEvent(5, 1);
    const basket = ["orders", "buy", code, "--item", "VIP=2", "--item", "STANDARD=2"];
    const none = await cli.run(...basket);
    assert.equal(none.code, 1);
    assert.match(none.stdout, /^status +REJECTED$/m);
    const part = await cli.run(...basket, "--allow-partial");
    assert.equal(part.code, 0, part.stderr);
    assert.match(part.stdout, /^status +CONFIRMED\n.*\ntickets +2 STANDARD at 45\.00 EUR\nasked for +2 VIP, 2 STAND/m);
  });

  it("waits on the waiting list, and shows the place there", async () => {
    const code = await createEvent(1, 1);
    const holder = idIn((await cli.run("orders", "buy", code, "VIP")).stdout);
    const bought = await cli.run("orders", "buy", code, "VIP", "--waitlist");
    assert.equal(bought.code, 0, bought.stderr);
    assert.match(bought.stdout, /^status +WAITING\n(.*\n)*waiting list +number 1 in line$/m);
    const id = idIn(bought.stdout);
    assert.match(bought.stderr, new RegExp(`onsale orders watch ${id}`));
    await cli.run("orders", "cancel", holder);
    await untilTrue("it is offered", async () => (await installation.api.order(id)).status === "HELD");
    assert.match((await cli.run("orders", "show", id)).stdout, /^held until +20/m);
  });

  it("confirms after the hold has expired while its tickets are there, and says when to pay back", async () => {
    const code = await createEvent(1, 1);
    const db = connect(installation.databaseUrl);
    const buy = async (type: string) => idIn((await cli.run("orders", "buy", code, type, "--hold")).stdout);
    const [lucky, unlucky] = await Promise.all([buy("STANDARD"), buy("VIP")]);
    for (const id of [lucky, unlucky]) {
      await expireHold(db, id);
      await untilTrue("it has expired", async () => (await installation.api.order(id)).status === "EXPIRED");
      assert.match((await cli.run("orders", "show", id)).stdout, /^was held until +20/m);
    }
    const [late, other] = await Promise.all([
      cli.run("orders", "confirm", lucky),
      cli.run("orders", "buy", code, "VIP"),
    ]);
    assert.match(late.stdout, /^status +CONFIRMED$/m);
    assert.equal(other.code, 0);
    const refused = await cli.run("orders", "confirm", unlucky, "--payment-reference", "pay_1");
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match(
      refused.stderr,
      /\(409 hold-expired, request \S+\)\n→ Pay the money back, if there was a payment\.\n$/,
    );
    await installation.api.assertSound(code);
  });
});
