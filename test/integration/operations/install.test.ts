import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Packages, planInstall } from "../../../infra/setup/plan-install.mjs";
import { projectFolder } from "../../support/services/services.ts";

const linux = { os: "linux", cpu: "x64", libc: "glibc" };
const server = { version: "1.0.0", integrity: "sha512-server" };
const tester = { version: "2.0.0", integrity: "sha512-tester", dev: true };
const onLinux = { version: "3.0.0", optional: true, os: ["linux"], cpu: ["x64"], libc: ["glibc"] };
const onMusl = { version: "3.0.0", optional: true, os: ["linux"], cpu: ["x64"], libc: ["musl"] };
const notOnLinux = { version: "3.0.0", optional: true, os: ["!linux"] };
const ofAnother = { version: "4.0.0", optional: true };
const running: Packages = { "node_modules/server": server, "node_modules/on-linux": onLinux };
const everything: Packages = { ...running, "services/worker/node_modules/tester": tester };
const locked: Packages = {
  "": { version: "0.1.0" },
  "services/worker": { version: "0.1.0" },
  ...everything,
  "node_modules/on-musl": onMusl,
  "node_modules/not-on-linux": notOnLinux,
  "node_modules/of-another": ofAnother,
};

describe("the plan of an install", () => {
  const plan = (part: "running" | "everything", installed: Packages, facts = {}) =>
    planInstall({ part, locked, installed, platform: linux, hasNode: true, ...facts });

  it("is empty when what is needed is there, whoever installed it", () => {
    assert.deepEqual(plan("running", everything), { kind: "nothing" });
    assert.deepEqual(plan("everything", everything), { kind: "nothing" });
    assert.deepEqual(plan("running", running), { kind: "nothing" });
    assert.deepEqual(plan("running", { ...running, "node_modules/of-somebody": ofAnother }), { kind: "nothing" });
  });

  it("installs a part into an empty folder", () => {
    assert.deepEqual(plan("running", {}), { kind: "anew", part: "running" });
    assert.deepEqual(plan("everything", {}), { kind: "anew", part: "everything" });
  });

  it("adds the rest to what running needs, without touching it", () => {
    assert.deepEqual(plan("everything", running), { kind: "add", part: "everything" });
    assert.deepEqual(plan("running", { "node_modules/server": server }), { kind: "add", part: "running" });
  });

  it("installs anew when the lockfile changed, and everything if everything was there", () => {
    const older = { "node_modules/server": { ...server, version: "0.9.0", integrity: "sha512-older" } };
    assert.deepEqual(plan("running", { ...running, ...older }), { kind: "anew", part: "running" });
    assert.deepEqual(plan("running", { ...everything, ...older }), { kind: "anew", part: "everything" });
    const forged = { "node_modules/server": { ...server, integrity: "sha512-forged" } };
    assert.deepEqual(plan("running", { ...running, ...forged }), { kind: "anew", part: "running" });
  });

  it("installs anew what came from another platform, or lacks Node", () => {
    const copied = { "node_modules/server": server, "node_modules/on-musl": onMusl };
    assert.deepEqual(plan("running", copied), { kind: "anew", part: "running" });
    assert.deepEqual(plan("running", running, { hasNode: false }), { kind: "anew", part: "running" });
  });
});

describe("ensure-installed.mjs", () => {
  let folder: string;
  let npm: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "onsale-install-"));
    npm = join(folder, "npm.cjs");
    writeFileSync(
      npm,
      `require("node:fs").writeFileSync("${join(folder, "called")}", process.argv.slice(2).join(" "));`,
    );
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** @returns the arguments that npm was called with; undefined when it was not called */
  function ensureInstalled(root: string, parameters: readonly string[]): string | undefined {
    const called = join(folder, "called");
    rmSync(called, { force: true });
    const script = join(root, "infra", "setup", "ensure-installed.mjs");
    const env = { ...process.env, npm_execpath: npm };
    const { status, stderr } = spawnSync(process.execPath, [script, ...parameters], { env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return existsSync(called) ? readFileSync(called, "utf8") : undefined;
  }

  it("installs nothing before any script, once npm installed everything", () => {
    const { scripts } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));
    const before = Object.entries<string>(scripts).filter(([name]) => name.startsWith("pre"));
    assert(before.length >= 8);
    for (const [name, command] of before) {
      const [program, script, ...parameters] = command.split(" ");
      assert.deepEqual([program, script], ["node", "infra/setup/ensure-installed.mjs"], name);
      assert.equal(ensureInstalled(projectFolder, parameters), undefined, name);
    }
  });

  it("installs only what running needs, adds the rest, and removes nothing that is there", () => {
    const root = join(folder, "clone");
    const modules = join(root, "node_modules");
    mkdirSync(join(modules, ".bin"), { recursive: true });
    cpSync(join(projectFolder, "infra", "setup"), join(root, "infra", "setup"), { recursive: true });
    cpSync(join(projectFolder, "package-lock.json"), join(root, "package-lock.json"));
    assert.match(ensureInstalled(root, ["running"]) ?? "", /^ci .*--omit=dev/);
    assert.match(ensureInstalled(root, []) ?? "", /^ci .*--include=dev/);

    const record = JSON.parse(readFileSync(join(projectFolder, "node_modules", ".package-lock.json"), "utf8"));
    const all = Object.entries<{ dev?: boolean }>(record.packages);
    const packages = Object.fromEntries(all.filter(([, { dev }]) => dev !== true));
    writeFileSync(join(modules, ".package-lock.json"), JSON.stringify({ packages }));
    writeFileSync(join(modules, ".bin", "node"), "");
    chmodSync(join(modules, ".bin", "node"), 0o755);
    assert.equal(ensureInstalled(root, ["running"]), undefined);
    assert.match(ensureInstalled(root, []) ?? "", /^install --no-save .*--include=dev/);
  });
});
