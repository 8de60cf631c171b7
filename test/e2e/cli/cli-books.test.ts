// The books of an event on the command line: its sales, exports to files, and orders that are looked for.
import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { atEnd } from "../../support/cleanup.ts";
import { parseCsv } from "../../support/http/export.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { createCli } from "../../support/services/program.ts";

describe("the books of an event on the command line", () => {
  let installation: Installation;
  let cli: ReturnType<typeof createCli>;
  let folder: string;
  let code: string;
  const ids: string[] = [];

  before(async () => {
    installation = await startInstallation(postgresQueues);
    const { api } = installation;
    cli = createCli({ ONSALE_URL: api.baseUrl });
    folder = mkdtempSync(join(tmpdir(), "onsale-books-"));
    atEnd(async () => rmSync(folder, { recursive: true }));
    code = await api.createEvent({ STANDARD: 5 });
    for (const quantity of [2, 3, 1]) {
      const bought = await api.purchase({
        eventCode: code,
        quantity,
        customerRef: "anna",
        key: `${code}-${quantity}`,
        waitSeconds: 10,
      });
      ids.push(bought.body.id);
    }
  });

  it("has the sales by ticket type and time", async () => {
    const { stdout, code: exitCode } = await cli.run("events", "sales", code);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^\d{4}-\d\d-\d\d \d\d:\d0:00 [+-]\d\d:\d\d +STANDARD +5 +– +– +– +– +1 +– +–$/m);
    assert.match(stdout, /^Orders: 0 waiting, 0 held, 2 confirmed, 1 rejected, 0 expired, 0 cancelled\. Read at /m);
    const none = await cli.run("events", "sales", code, "--until", "2020-01-01T00:00:00Z", "--interval", "day");
    assert.match(none.stdout, /^Nothing was sold, held or rejected in this time\.$/m);
  });

  it("exports all orders to a file, which is there only when it is complete", async () => {
    const csv = join(folder, "orders.csv");
    const exported = await cli.run("orders", "export", "--event", code, "--to", csv);
    assert.deepEqual([exported.code, exported.stdout], [0, `3 rows in ${csv}\n`], exported.stderr);
    assert.deepEqual(
      parseCsv(readFileSync(csv, "utf8")).map((row) => [row.order_id, row.tickets]),
      [
        [ids[0], "2"],
        [ids[1], "3"],
        [ids[2], "0"],
      ],
    );
    const ndjson = join(folder, "orders.ndjson");
    const options = ["--event", code, "--format", "ndjson", "--status", "CONFIRMED", "--to", ndjson];
    const confirmed = await cli.run("--json", "orders", "export", ...options);
    assert.deepEqual(JSON.parse(confirmed.stdout), { event: code, format: "ndjson", file: ndjson, orders: 2 });
    const lines = readFileSync(ndjson, "utf8").trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).id),
      ids.slice(0, 2),
    );

    const failed = await cli.run("orders", "export", "--event", "NONE", "--to", join(folder, "none"));
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /\(404 event-not-found, request /);
    assert(!existsSync(join(folder, "none")) && !existsSync(join(folder, "none.part")));
    const nowhere = await cli.run("orders", "export", "--event", code, "--to", join(folder, "missing", "x"));
    assert.equal(nowhere.code, 1);
    assert.match(
      nowhere.stderr,
      /cannot be written: its folder does not exist\.\n→ Choose another file with --to\.\n$/,
    );
  });

  it("finds orders by id, key and customer", async () => {
    const find = async (text: string) => {
      const { stdout } = await cli.run("--json", "orders", "find", text);
      return JSON.parse(stdout).items.map(({ id }: { id: string }) => id);
    };
    assert.deepEqual(await find(ids[1] ?? ""), [ids[1]]);
    assert.deepEqual(await find(`${code}-3`), [ids[1]]);
    assert.deepEqual(await find("anna"), ids.toReversed());
    assert.deepEqual(await find("an na"), []);
    assert.match((await cli.run("orders", "find", "nobody")).stdout, /^There are no such orders\.$/m);
  });
});
