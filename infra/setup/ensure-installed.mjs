// @ts-check
// Installs the locked dependencies that are missing, before a script of package.json runs; nothing when all are there.
// With the argument `running` it installs only what running Onsale needs, about half. It runs with the machine's own
// Node (20.19 or later). All its output goes to stderr: stdout belongs to the script that follows.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { planInstall } from "./plan-install.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const modules = join(root, "node_modules");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Onsale needs Node 20.19 or later to install itself; this is ${process.version}.`);
  console.error("Install a newer Node and run the command again.");
  process.exit(1);
}

const part = process.argv[2] === "running" ? "running" : "everything";
const plan = planInstall({
  part,
  locked: readPackages(join(root, "package-lock.json")),
  installed: readPackages(join(modules, ".package-lock.json")),
  platform: { os: process.platform, cpu: process.arch, libc: findLibc() },
  hasNode: existsSync(join(modules, ".bin", "node")),
});
if (plan.kind !== "nothing") install(plan);

/**
 * The packages of a lockfile; none when it is missing or damaged.
 *
 * @param {string} file
 * @returns {import("./plan-install.mjs").Packages}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
  } catch {
    return {};
  }
}

/** Some packages have one binary for glibc and one for musl. */
function findLibc() {
  if (process.platform !== "linux") return "";
  const report = process.report.getReport();
  const { header } = typeof report === "string" ? JSON.parse(report) : report;
  return header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

/** @param {Exclude<import("./plan-install.mjs").Plan, { kind: "nothing" }>} plan */
function install({ kind, part: wanted }) {
  const what = wanted === "running" ? "what running Onsale needs" : "all dependencies";
  console.error(`Installing ${what} (once, and again when package-lock.json changes) ...`);
  const args = [
    // Without --no-save, npm leaves entries out of a lockfile that has no download addresses.
    ...(kind === "anew" ? ["ci"] : ["install", "--no-save"]),
    "--no-audit",
    "--no-fund",
    // Engine warnings are about the Node that runs this, not about the Node 24 that it installs and that runs
    // everything else.
    "--engine-strict=false",
    wanted === "running" ? "--omit=dev" : "--include=dev",
    "--include=optional",
    "--loglevel=error",
  ];
  const npm = process.env.npm_execpath;
  const run = spawnSync(npm ? process.execPath : "npm", npm ? [npm, ...args] : args, {
    cwd: root,
    stdio: ["inherit", process.stderr, "inherit"],
  });
  if (run.status !== 0) {
    console.error(
      "Installing failed; the lines above say why. Check that the npm registry is reachable and run the command again.",
    );
    process.exit(1);
  }
  // The package `node` links its program to node_modules/node/bin. What it unpacked for that is not used any more:
  // 67 MB of headers for compiling native code.
  rmSync(join(modules, "node", "node_modules"), { recursive: true, force: true });
  // The generators of clients that tests run need TypeScript 5. As it is an optional peer of another package, too, npm
  // installs it (24 MB) for whoever only runs Onsale. npm adds it again with everything else.
  if (wanted === "running") rmSync(join(modules, "typescript"), { recursive: true, force: true });
}
