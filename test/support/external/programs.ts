import { execFileSync } from "node:child_process";

/** Finds a program on the PATH. */
export function findProgram(name: string): string | undefined {
  try {
    return execFileSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

/** Why tests that need a program of Debian's cannot run here; false when they can. */
export function without(name: string, debianPackage = name): string | false {
  if (findProgram(name) !== undefined) return false;
  return `there is no ${name} on the PATH; install it to run this test (Debian: apt-get install ${debianPackage})`;
}
