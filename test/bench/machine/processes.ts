// Starts and stops the programs that are measured, each in a separate process.
import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { once } from "node:events";
import type { Role } from "../names.ts";

/** A process whose CPU time and memory count for a role. */
export type MeasuredProcess = Readonly<{ role: Role; pid: number }>;

export type Program = Readonly<{
  pid: number;
  /** Its message when it was ready, usually a URL. */
  ready: string;
  /** Sends SIGTERM, and SIGKILL when it does not end. */
  stop: () => Promise<void>;
}>;

const stopMaxMs = 15_000;
const startMaxMs = 30_000;

/**
 * Starts a child in a separate process group, which Ctrl-C in a terminal does not reach, so that the current run
 * completes. When this process dies, the child notices the end of the IPC channel.
 */
export const detachedFork: ForkOptions = { detached: true, stdio: ["ignore", "inherit", "inherit", "ipc"] };

/** Starts a TypeScript program that reports over IPC when it is ready. */
export async function startProgram(
  file: string,
  environment: Readonly<Record<string, string>>,
  parameters: readonly string[] = [],
): Promise<Program> {
  const child = fork(file, [...parameters], { env: { ...environment }, ...detachedFork });
  try {
    const ready = await messageOf(child, "ready", file, startMaxMs);
    return { pid: child.pid ?? 0, ready: String(ready), stop: () => stopChild(child) };
  } catch (error) {
    await stopChild(child);
    throw error;
  }
}

/** Whether a process has not ended. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // PostgreSQL may belong to another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Waits for a message with this field and returns the field. */
export function messageOf(child: ChildProcess, field: string, what: string, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Error(`${what} took too long`))), timeoutMs);
    const onMessage = (message: unknown) => {
      if (typeof message !== "object" || message === null || !(field in message)) return;
      settle(() => resolve(Reflect.get(message, field)));
    };
    const onExit = (code: number | null) => settle(() => reject(new Error(`${what} ended with exit code ${code}`)));
    const settle = (how: () => void) => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
      how();
    };
    child.on("message", onMessage).on("exit", onExit);
  });
}

/** Sends a child SIGTERM, and SIGKILL when it does not end. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopMaxMs);
  await exited;
  clearTimeout(timer);
}
