// Installs the locked dependencies when they are missing or the lockfile has changed. Runs before `npm start`, `npm
// test`, `npm run check` and others, with the machine's own Node (20.19 or later).
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const stampFile = join(root, "node_modules", ".onsale-installed");
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .update(`${process.platform} ${process.arch}`)
  .digest("hex");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Onsale needs Node 20.19 or later to install itself; this is ${process.version}.`);
  console.error("Install a newer Node and run the command again.");
  process.exit(1);
}

if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== wanted) {
  console.log("Installing dependencies (once, and again when package-lock.json changes) ...");
  const npm = process.env.npm_execpath;
  // Engine warnings are about the Node that runs this, not about the Node 24 that it installs and that runs everything
  // else.
  const args = [
    "ci",
    "--no-audit",
    "--no-fund",
    "--engine-strict=false",
    "--include=dev",
    "--include=optional",
    "--loglevel=error",
  ];
  const run = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: "inherit" })
    : spawnSync("npm", args, { cwd: root, stdio: "inherit" });
  if (run.status !== 0) {
    console.error(
      "Installing failed; the lines above say why. Check that the npm registry is reachable and run the command again.",
    );
    process.exit(1);
  }
  writeFileSync(stampFile, wanted);
}
