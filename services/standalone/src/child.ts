// A child is starting -> ready -> (dead -> waiting -> starting ...) until it is stopped. It is restarted after a pause
// that doubles with each quick death, and begins anew once a child has lived for a while.
import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Environment } from "@onsale/config/load-config";
import { signal } from "./process-info.ts";

export type ChildSpec = Readonly<{
  /** Such as `gateway-1`. */
  name: string;
  file: string;
  arguments?: readonly string[];
  environment: Environment;
}>;

export type ChildEvents = Readonly<{
  onStart: (name: string, pid: number) => void;
  onDeath: (name: string, how: string) => void;
}>;

export type Child = Readonly<{
  /** Resolves with what the child says of where it is; rejects when it dies before. */
  ready: Promise<string>;
  /** Asks the child to stop, and waits until it has; kills it when that takes too long. */
  stop: () => Promise<void>;
}>;

const pauseMinMs = 250;
const pauseMaxMs = 10_000;
const steadyAfterMs = 30_000;
/** Longer than any child takes that works: the keeper of PostgreSQL gives that 30 s. */
export const childStopMaxMs = 40_000;

/** Starts a child over Node's IPC channel and keeps it running. */
export function startChild(spec: ChildSpec, events: ChildEvents): Child {
  const ready = Promise.withResolvers<string>();
  ready.promise.catch(() => undefined);
  const stopping = new AbortController();
  let current: ChildProcess | undefined;

  async function runOnce(): Promise<string> {
    const child = fork(spec.file, [...(spec.arguments ?? [])], {
      env: { ...spec.environment },
      // In a process group of its own, where Ctrl-C in a terminal does not reach it: the parent stops all in order.
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    current = child;
    if (child.pid !== undefined) events.onStart(spec.name, child.pid);
    child.on("message", (message) => {
      if (typeof message === "object" && message !== null && "ready" in message) ready.resolve(String(message.ready));
    });
    return new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signalName) => resolve(signalName ?? `exit code ${code}`));
    });
  }

  async function run(): Promise<void> {
    for (let pauseMs = pauseMinMs; !stopping.signal.aborted; pauseMs = Math.min(pauseMaxMs, pauseMs * 2)) {
      const startedAt = Date.now();
      const how = await runOnce();
      ready.reject(new Error(`${spec.name} ended before it was ready: ${how}`));
      if (stopping.signal.aborted) return;
      events.onDeath(spec.name, how);
      if (Date.now() - startedAt > steadyAfterMs) pauseMs = pauseMinMs;
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    ready: ready.promise,
    stop: async () => {
      stopping.abort();
      const pid = current?.pid;
      const isRunning = current?.exitCode === null && current.signalCode === null;
      if (pid !== undefined && isRunning) signal(pid, "SIGTERM");
      const timer = setTimeout(() => current?.kill("SIGKILL"), childStopMaxMs);
      await running;
      clearTimeout(timer);
    },
  };
}
