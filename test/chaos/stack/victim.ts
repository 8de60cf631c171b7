// A service that faults hit, and a supervisor that starts it again: at once, and until it is ready.
import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { signal } from "@onsale/service/process-info";
import { atEnd } from "../../support/cleanup.ts";
import { type Environment, projectFolder, type Service, startService } from "../../support/services/services.ts";
import type { Clock } from "./clock.ts";

export const victimKinds = ["gateway", "worker", "notifier"] as const;
export type VictimKind = (typeof victimKinds)[number];

/** Each method resolves when the service is ready again, with whether the fault hit a running process. */
export type Victim = Readonly<{
  kind: VictimKind;
  /** Such as `worker 2`. */
  name: string;
  clock: Clock;
  /** Ends it with SIGKILL. */
  kill: () => Promise<boolean>;
  /** Stops its execution for this long. */
  freeze: (ms: number) => Promise<boolean>;
  /** Asks it to stop, as a new version does. */
  restart: () => Promise<boolean>;
  /** As of the service that runs, or that starts at this moment. */
  tell: Service["tell"];
  /** Resolves at once while it runs, else when it is ready again. */
  untilReady: () => Promise<void>;
  /** How often it ended although nobody asked it to. */
  unexpectedEnds: () => number;
}>;

type VictimOptions = Readonly<{
  kind: VictimKind;
  number: number;
  environment: Environment;
  clock: Clock;
  writeLog: (data: Buffer) => void;
}>;

const restartPauseMs = 200;

/** Starts a service and keeps it running; it is ended as cleanup.ts says. */
export async function startVictim({ kind, number, environment, clock, writeLog }: VictimOptions): Promise<Victim> {
  const settings = withModules(environment, clock.environment);
  let service: Service | undefined;
  let isClosing = false;
  let unexpectedEndCount = 0;
  // Faults of one process follow each other.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const result = turn.then(task);
    turn = result.catch(() => undefined);
    return result;
  };

  /** Like a supervisor, tries again when the service ends before it is ready, such as without a database. */
  async function start(): Promise<void> {
    while (!isClosing) {
      try {
        const started = await startService(kind, settings, projectFolder, writeLog);
        service = started;
        void started.exited.then(() => startAgain(started));
        return;
      } catch {
        await delay(restartPauseMs);
      }
    }
  }

  function startAgain(ended: Service): void {
    if (isClosing || service !== ended) return;
    unexpectedEndCount++;
    void inTurn(async () => {
      if (service === ended) await start();
    });
  }

  /** Ends it in this way, and starts it again. */
  const endBy = (end: (running: Service) => Promise<unknown>) =>
    inTurn(async () => {
      const running = service;
      service = undefined;
      if (running !== undefined) await end(running);
      await start();
      return running !== undefined;
    });

  atEnd(() => {
    isClosing = true;
  });
  await start();
  return {
    kind,
    name: `${kind} ${number}`,
    clock,
    kill: () => endBy((running) => running.kill()),
    restart: () => endBy((running) => running.stop()),
    freeze: (ms) =>
      inTurn(async () => {
        const pid = service?.pid;
        if (pid === undefined) return false;
        try {
          signal(pid, "SIGSTOP");
          await delay(ms);
          return stateOf(pid) === "T";
        } finally {
          signal(pid, "SIGCONT");
        }
      }),
    tell: (message) => inTurn(async () => service?.tell(message)),
    untilReady: () => inTurn(async () => undefined),
    unexpectedEnds: () => unexpectedEndCount,
  };
}

/** Both; each of them can have modules loaded before the service. */
function withModules(first: Environment, second: Environment): Environment {
  const options = [first.NODE_OPTIONS, second.NODE_OPTIONS].filter((own) => own !== undefined);
  return { ...first, ...second, ...(options.length > 0 ? { NODE_OPTIONS: options.join(" ") } : {}) };
}

/** The state of a process as `ps` has it, such as T when its execution is stopped; empty when it is gone. */
function stateOf(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "state=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
