import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Finds a program on the PATH. */
export function findProgram(name: string): string | undefined {
  try {
    return execFileSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

/** Why tests that need a program of Debian's cannot run on this machine; false when they can. */
export function without(name: string, debianPackage = name): string | false {
  if (findProgram(name) !== undefined) return false;
  return `there is no ${name} on the PATH; install it to run this test (Debian: apt-get install ${debianPackage})`;
}

/** Finds `redis-server`; on Debian, as root, installs it. */
export function findRedisServer(): string | undefined {
  const found = findProgram("redis-server");
  if (found !== undefined || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return found;
  console.log("Installing redis-server for the tests of the Redis queues ...");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // RUNLEVEL=1 keeps the package from starting a server; the tests start their own.
  const install = "apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends redis-server";
  spawnSync("sh", ["-c", install], { env, stdio: ["ignore", "ignore", "inherit"] });
  return findProgram("redis-server");
}
