// What the command line prints for programs, for pipes and on a terminal.
import { strict as assert } from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanEnvironment } from "../../support/config.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { without } from "../../support/external/programs.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { createCli } from "../../support/services/program.ts";
import { projectFolder } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

let installation: Installation;
let cli: ReturnType<typeof createCli>;
let code: string;
let order: string;

before(async () => {
  installation = await startInstallation(postgresQueues);
  const { api } = installation;
  cli = createCli({ ONSALE_URL: api.baseUrl, DATABASE_URL: await createTestDatabase() });
  code = await api.createEvent({ STANDARD: 400 });
  order = (await api.purchase({ eventCode: code, waitSeconds: 20 })).body.id;
});

/** Runs `onsale` in a shell that sees it as a program. */
function inShell(script: string, environment: Readonly<Record<string, string>> = {}) {
  const program = join(projectFolder, "services", "cli", "bin", "onsale");
  const env = { ...cleanEnvironment(), ONSALE_URL: installation.api.baseUrl, ...environment };
  return spawnSync("bash", ["-c", `onsale() { "${program}" "$@"; }; ${script}`], { env, encoding: "utf8" });
}

const isCounted = (value: unknown) =>
  typeof value === "object" && value !== null && "items" in value && "totalIsExact" in value;

describe("with --json", () => {
  const kinds: readonly (readonly [what: string, isOfKind: (value: unknown) => boolean, commands: string[][]])[] = [
    [
      "one thing is an object",
      (value) => !Array.isArray(value) && !isCounted(value),
      [
        ["events", "show", "CODE"],
        ["orders", "show", "ORDER"],
        ["audit", "CODE"],
        ["events", "sales", "CODE"],
      ],
    ],
    [
      "a list that --limit cuts is an object with its items and how many there are",
      isCounted,
      [
        ["events", "list"],
        ["orders", "list"],
        ["orders", "find", "ORDER"],
        ["codes", "list", "CODE"],
        ["webhooks", "list"],
      ],
    ],
    [
      "a list that is always whole is an array",
      Array.isArray,
      [
        ["inventory", "show", "CODE"],
        ["orders", "history", "ORDER"],
        ["keys", "list"],
        ["accounts", "list"],
      ],
    ],
  ];
  for (const [what, isOfKind, commands] of kinds) {
    it(`${what}, as one document on one line`, async () => {
      const known: Readonly<Record<string, string>> = { CODE: code, ORDER: order };
      const check = async (words: readonly string[]) => {
        const { stdout, stderr } = await cli.run(...words.map((word) => known[word] ?? word), "--json");
        assert.match(stdout, /^[^\n]+\n$/, `${words.join(" ")}: ${stderr}`);
        assert(isOfKind(JSON.parse(stdout)), `${words.join(" ")}: ${stdout}`);
      };
      await Promise.all(commands.map(check));
    });
  }

  it("what is watched is a document on a line for each change", async () => {
    const watching = cli.start("--json", "events", "watch", code);
    await untilTrue("it shows the sale", () => watching.output().stdout.includes("\n"));
    await installation.api.purchase({ eventCode: code, waitSeconds: 20 });
    await untilTrue("it shows the change", () => watching.output().stdout.trim().includes("\n"));
    watching.process.kill("SIGINT");
    const { code: exitCode, stdout } = await watching.ended;
    assert.equal(exitCode, 0);
    for (const line of stdout.trimEnd().split("\n")) assert.equal(JSON.parse(line).eventCode, code);
  });

  it("every error is a document on stderr, also one of usage", async () => {
    const wrong = [
      [1, "There is no such order", "orders", "show", "no-such-order"],
      [2, "Unknown command 'evnts'", "evnts"],
      [2, "Unknown option '--limt'", "events", "list", "--limt", "5"],
    ] as const;
    const tries = wrong.map(async ([exitCode, title, ...words]) => {
      const ended = await cli.run(...words, "--json");
      assert.deepEqual([ended.code, ended.stdout], [exitCode, ""]);
      const { error } = JSON.parse(ended.stderr);
      assert.deepEqual([error.title, typeof error.advice], [title, "string"]);
    });
    await Promise.all(tries);
  });
});

describe("for people", () => {
  it("an event without limits says so", async () => {
    const { stdout } = await cli.run("events", "show", code);
    assert.match(stdout, /^per order +no limit\nper customer +no limit\npools +none$/m);
  });

  it("the version is that of the package", async () => {
    const { code: exitCode, stdout } = await cli.run("--version");
    assert.equal(exitCode, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it("a pipe whose reader ends early ends the command quietly", () => {
    // `true` reads nothing, and `head` less than there is.
    for (const reader of ["head -1", "true"]) {
      const { stderr, stdout } = inShell(`onsale orders list --json | ${reader}; echo "\${PIPESTATUS[0]}"`);
      assert.deepEqual([stderr, stdout.trim().split("\n").at(-1)], ["", "0"]);
    }
    const long = inShell(`onsale completion fish | head -1; echo "\${PIPESTATUS[0]}"`);
    assert.deepEqual(
      [long.stderr, long.stdout],
      ["", "# Completes onsale in fish. Made by: onsale completion fish\n0\n"],
    );
  });

  it("colours are for terminals, and not with NO_COLOR", { skip: without("script", "bsdutils") }, () => {
    const onTerminal = (environment: Readonly<Record<string, string>>) => {
      const program = join(projectFolder, "services", "cli", "bin", "onsale");
      const env = { ...cleanEnvironment(), ONSALE_URL: installation.api.baseUrl, TERM: "xterm", ...environment };
      const typed = ["--quiet", "--return", "--command", `${program} orders show ${order}`, "/dev/null"];
      return execFileSync("script", typed, { env, encoding: "utf8" });
    };
    assert(onTerminal({}).includes("\u001b[32mCONFIRMED\u001b[39m"));
    for (const plain of [onTerminal({ NO_COLOR: "1" }), inShell(`onsale orders show ${order}`).stdout]) {
      assert.match(plain, /^status +CONFIRMED\r?$/m);
      assert(!plain.includes("\u001b"));
    }
  });
});
