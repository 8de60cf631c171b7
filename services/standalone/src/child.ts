// A child process that is restarted when it dies, until it is stopped. Each round of the loop is one life of the child.
// The pause before a restart doubles with each quick death, and is short again after the child has lived for 30 s.
import { type ChildProcess, fork } from "node:child_process";
import type { Environment } from "@onsale/config/load-config";
import { startLoop } from "@onsale/lifecycle/loop";

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
  /** Resolves with the address that the child reports once it is ready; rejects when it dies before. */
  ready: Promise<string>;
  /** Asks the child to stop, and waits until it has; kills it when that takes more than 40 s. */
  stop: () => Promise<void>;
}>;

const pauseMinMs = 250;
const pauseMaxMs = 10_000;
const longLifeMs = 30_000;
/** More than any child needs that works: the keeper of PostgreSQL gives the server 30 s. */
export const childStopMaxMs = 40_000;

/** Starts a child over Node's IPC channel and keeps it running. */
export function startChild(spec: ChildSpec, events: ChildEvents): Child {
  const ready = Promise.withResolvers<string>();
  // Not every caller waits for it.
  ready.promise.catch(() => undefined);
  let nextPauseMs = pauseMinMs;

  async function runOnce(closing: AbortSignal): Promise<void> {
    const child = forkChild(spec, ready.resolve);
    const ended = endOf(child);
    const stop = () => stopChild(child, ended);
    closing.addEventListener("abort", stop, { once: true });
    try {
      if (child.pid !== undefined) events.onStart(spec.name, child.pid);
      const how = await ended;
      ready.reject(new Error(`${spec.name} ended before it was ready: ${how}`));
      if (!closing.aborted) events.onDeath(spec.name, how);
    } finally {
      closing.removeEventListener("abort", stop);
      // Does something only when onStart failed: that child would run beside the next one.
      child.kill("SIGKILL");
    }
  }

  function pauseAfter(livedMs: number): number {
    const pauseMs = livedMs > longLifeMs ? pauseMinMs : nextPauseMs;
    nextPauseMs = Math.min(pauseMaxMs, pauseMs * 2);
    return pauseMs;
  }

  const lives = startLoop({
    run: runOnce,
    pauseMs: ({ tookMs }) => pauseAfter(tookMs),
    onError: (error) => {
      ready.reject(error);
      events.onDeath(spec.name, error.message);
    },
  });
  return { ready: ready.promise, stop: lives.close };
}

function forkChild({ file, arguments: parameters = [], environment }: ChildSpec, onReady: (url: string) => void) {
  const child = fork(file, [...parameters], {
    env: { ...environment },
    // In a process group of its own, which Ctrl-C in a terminal does not reach: the parent stops all children in order.
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.on("message", (message) => {
    if (typeof message === "object" && message !== null && "ready" in message) onReady(String(message.ready));
  });
  return child;
}

/** Resolves with how a child ended: the signal, the exit code, or why it could not be started. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.once("exit", (code, signalName) => resolve(signalName ?? `exit code ${code}`));
  });
}

function stopChild(child: ChildProcess, ended: Promise<unknown>): void {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), childStopMaxMs);
  void ended.then(() => clearTimeout(timer));
}
