// The command line as people install it: from a packed file in an empty folder, and with npx in this repository.
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { atEnd } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { findNode20 } from "../../support/sdk/packed-client.ts";
import { installPackedCli, npxOnsale } from "../../support/services/packed-cli.ts";
import { projectFolder, startGateway, startWorker } from "../../support/services/services.ts";

const node20 = findNode20();
const { version } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));
const times = ["--start", "2020-06-01T19:00:00Z", "--end", "2020-06-01T22:00:00Z"];
const sale = ["--sales-end", "2020-06-01T20:00:00Z"];

describe("the packed command line", () => {
  let folder: string;
  let environment: Readonly<Record<string, string>>;

  before(async () => {
    const databaseUrl = await createTestDatabase();
    const [gateway, , installed] = await Promise.all([
      startGateway({ DATABASE_URL: databaseUrl }),
      startWorker({ DATABASE_URL: databaseUrl }),
      installPackedCli(),
    ]);
    folder = installed;
    environment = { ONSALE_URL: gateway.url, DATABASE_URL: databaseUrl };
  });

  it("is the only package that is installed", () => {
    const names = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
    assert.deepEqual(names, ["@onsale"]);
    assert.deepEqual(readdirSync(join(folder, "node_modules", "@onsale")), ["cli"]);
    const licences = readFileSync(join(folder, "node_modules", "@onsale", "cli", "LICENSES.txt"), "utf8");
    for (const name of ["commander", "kysely", "pg", "bullmq"]) assert.match(licences, new RegExp(`^${name}$`, "m"));
  });

  it("starts on this repository's Node, and on Node 20", async (context) => {
    const start = async (node: string) => {
      const { stdout, stderr } = await npxOnsale(folder, node, {}, "--version");
      assert.equal(stdout, `${version}\n`, stderr);
    };
    await start(process.execPath);
    if (node20 === undefined) context.diagnostic("There is no Node 20 on the PATH.");
    else await start(node20);
  });

  it("works with a gateway and a database, on Node 20 where there is one", async () => {
    const onsale = async (...parameters: string[]) => {
      const ended = await npxOnsale(folder, node20 ?? process.execPath, environment, ...parameters);
      assert.equal(ended.code, 0, ended.stderr);
      return ended.stdout;
    };
    const code = "PACKED";
    await onsale("events", "create", code, "--name", "x", ...times, "--ticket", "VIP=2");
    const bought = await onsale("orders", "buy", code, "VIP", "--json");
    assert.equal(JSON.parse(bought).status, "CONFIRMED");
    assert.match(await onsale("orders", "list", "--event", code), /1 VIP .* CONFIRMED /);
    assert.match(await onsale("keys", "list"), /^There are no keys\./);
    assert.match(await onsale("doctor"), /^✔ migrations +all are applied$/m);
    await onsale("events", "change", code, ...sale);
    const file = join(folder, `${code}.gz`);
    await onsale("orders", "archive", "--event", code, "--to", file);
    assert.match(await onsale("orders", "archive", "--verify", file), /^replay +every decision is explained$/m);
  });

  it("is not packed as the sources, which nobody could install", () => {
    const folder = join(projectFolder, "services", "cli");
    const { status, stderr } = spawnSync("npm", ["pack", "--dry-run"], { cwd: folder, encoding: "utf8" });
    assert.notEqual(status, 0);
    assert.match(stderr, /Pack the command line with: npm run package -w @onsale\/cli/);
  });

  it("says what it needs when there is no database", async () => {
    const { code, stdout, stderr } = await npxOnsale(folder, process.execPath, {}, "keys", "list");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^There is no database to work on\.\n→ Set DATABASE_URL/);
  });
});

describe("npx onsale in the repository", () => {
  it("prints nothing on stdout but the result, in every folder", async () => {
    for (const folder of [projectFolder, join(projectFolder, "docs")]) {
      const { code, stdout, stderr } = await npxOnsale(folder, process.execPath, {}, "completion", "bash", "--json");
      assert.deepEqual([code, stderr], [0, ""]);
      assert.equal(JSON.parse(stdout).shell, "bash");
    }
  });

  it("installs what is missing first, and prints on stderr what npm says", () => {
    const folder = mkdtempSync(join(tmpdir(), "onsale-clone-"));
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    for (const path of ["infra/setup", "services/cli/bin"]) {
      cpSync(join(projectFolder, path), join(folder, path), { recursive: true });
    }
    writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: { "node_modules/a": {} } }));
    // In the place of npm: it talks on stdout, and installs a Node that says how it is called.
    const npm = join(folder, "npm.mjs");
    const installed = join(folder, "node_modules", ".bin");
    const fakeNode = `#!/bin/sh\necho "result of \${2##*/} $3"\n`;
    writeFileSync(
      npm,
      `import { mkdirSync, writeFileSync } from "node:fs";
       console.log("added 1 package");
       mkdirSync(${JSON.stringify(installed)}, { recursive: true });
       writeFileSync(${JSON.stringify(join(installed, "node"))}, ${JSON.stringify(fakeNode)}, { mode: 0o755 });`,
    );
    const env = { ...process.env, npm_execpath: npm };
    const program = join(folder, "services", "cli", "bin", "onsale");
    const { status, stdout, stderr } = spawnSync(program, ["doctor"], { env, encoding: "utf8" });
    assert.deepEqual([status, stdout], [0, "result of main.ts doctor\n"], stderr);
    assert.match(stderr, /^Installing what running Onsale needs .*\nadded 1 package\n$/);
  });
});
