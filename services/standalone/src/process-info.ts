import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** The command line of a process, or null when there is no such process. */
export function commandOf(pid: number): string | null {
  try {
    // Linux tells it without a program that a small image may not have.
    if (process.platform === "linux")
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() || null;
    return (
      execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" }).trim() ||
      null
    );
  } catch {
    return null;
  }
}

/** Whether a process runs and its command line has the text in it: a pid alone may be somebody else's by now. */
export function runs(pid: number, textInCommand: string): boolean {
  return commandOf(pid)?.includes(textInCommand) ?? false;
}

const pollMs = 50;

/** @returns whether the condition came true within the time */
export async function becomes(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; ) {
    if (condition()) return true;
    await delay(pollMs);
  }
  return condition();
}

/** Sends a signal to a process that may be gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
