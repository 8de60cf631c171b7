import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Finds `redis-server`; on Debian, root installs it. */
export function findRedisServer(): string | undefined {
  const found = which();
  if (found !== undefined || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return found;
  console.log("Installing redis-server for the tests of the Redis queues ...");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // The package would start a server of its own; the tests start theirs.
  const install = "apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends redis-server";
  spawnSync("sh", ["-c", install], { env, stdio: ["ignore", "ignore", "inherit"] });
  return which();
}

function which(): string | undefined {
  try {
    return execFileSync("sh", ["-c", "command -v redis-server"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}
