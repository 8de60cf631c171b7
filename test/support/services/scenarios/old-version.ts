// The version before orders had a life after their decision, to upgrade from: its files as they were committed, which
// find their packages in this clone.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "../../cleanup.ts";
import { type Environment, projectFolder, type Service, startService } from "../services.ts";

/** The last commit whose processes have capability 1. */
const oldCommit = "fb12b3d";

export type OldVersion = Readonly<{
  startGateway: (environment: Environment) => Promise<Service>;
  startWorker: (environment: Environment) => Promise<Service>;
  startNotifier: (environment: Environment) => Promise<Service>;
}>;

/**
 * Writes the old version's files into a folder, which is removed as cleanup.ts says.
 *
 * @throws Error that says what to do when this clone does not have the commit
 */
export function unpackOldVersion(): OldVersion {
  const folder = mkdtempSync(join(tmpdir(), "onsale-old-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  requireCommit();
  const archive = join(folder, "old.tar");
  execFileSync(
    "git",
    ["archive", "--output", archive, oldCommit, "packages", "services", "migrations", "package.json"],
    {
      cwd: projectFolder,
    },
  );
  execFileSync("tar", ["-xf", archive, "-C", folder]);
  linkPackages(folder);
  return {
    startGateway: (environment) => startService("gateway", environment, folder),
    startWorker: (environment) => startService("worker", environment, folder),
    startNotifier: (environment) => startService("notifier", environment, folder),
  };
}

function requireCommit(): void {
  try {
    execFileSync("git", ["cat-file", "-e", `${oldCommit}^{tree}`], { cwd: projectFolder, stdio: "pipe" });
  } catch (cause) {
    const advice = "get the whole history with `git fetch --unshallow`, or clone the repository without --depth";
    throw new Error(`this clone does not have commit ${oldCommit}, from which the test upgrades; ${advice}`, { cause });
  }
}

/**
 * Packages of others come from this clone: their versions have not changed since. Our own come from the old version.
 */
function linkPackages(folder: string): void {
  const modules = join(projectFolder, "node_modules");
  const own = join(folder, "node_modules", "@onsale");
  mkdirSync(own, { recursive: true });
  for (const name of readdirSync(modules)) {
    if (!name.startsWith(".") && name !== "@onsale") symlinkSync(join(modules, name), join(own, "..", name));
  }
  standInForPinoPretty(join(own, "..", "pino-pretty"));
  for (const kind of ["packages", "services"]) {
    for (const name of readdirSync(join(folder, kind))) symlinkSync(join(folder, kind, name), join(own, name));
    linkNested(kind, folder);
  }
}

/** The one package that is not needed any more. It formats the log on a terminal, which tests do not have. */
function standInForPinoPretty(folder: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "pino-pretty", main: "index.js" }));
  writeFileSync(join(folder, "index.js"), "module.exports = () => undefined;\n");
}

/** What npm has put below one of our packages, because another version of it is at the top. */
function linkNested(kind: string, folder: string): void {
  for (const name of readdirSync(join(folder, kind))) {
    const nested = join(projectFolder, kind, name, "node_modules");
    if (existsSync(nested)) symlinkSync(nested, join(folder, kind, name, "node_modules"));
  }
}
