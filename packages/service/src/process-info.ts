// Finds out about processes by their pids, and sends them signals.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** The command line of a process, or null when there is no such process. */
export function commandOf(pid: number): string | null {
  try {
    // Linux needs no `ps`, which small images may lack.
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

/** Whether a process runs with the text in its command line. The pid alone may belong to another program by now. */
export function runs(pid: number, textInCommand: string): boolean {
  return commandOf(pid)?.includes(textInCommand) ?? false;
}

const pollMs = 50;

/** Polls a condition. @returns whether it became true in time */
export async function becomes(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; ) {
    if (condition()) return true;
    await delay(pollMs);
  }
  return condition();
}

/** Sends a signal to a process; does nothing when the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
