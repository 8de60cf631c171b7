import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { join } from "node:path";
import { atEnd } from "../cleanup.ts";
import { cleanEnvironment, isSpared } from "../config.ts";

export const projectFolder = join(import.meta.dirname, "..", "..", "..");

/** A service under test, in a process of its own. */
export type Service = Readonly<{
  /** The URL that it reports when it is ready: a gateway's API, a worker's metrics. */
  url: string;
  pid: number;
  /** How much it has written to its log, with everything else on its standard output and standard error. */
  logBytes: () => number;
  /** Resolves when it has ended, however that came. */
  exited: Promise<unknown>;
  /** Ends it with SIGKILL. */
  kill: () => Promise<void>;
  /** Sends SIGTERM, and resolves with its exit code. */
  stop: () => Promise<number | null>;
  /** Sends a message to what a test loaded into it, and resolves when that answers, or when the service has ended. */
  tell: (message: string) => Promise<unknown>;
}>;

/** Environment variables for a service. */
export type Environment = Readonly<Record<string, string>>;

export const usualSettings = {
  AUTH: "off",
  LOG_LEVEL: "warn",
  METRICS_PORT: "0",
  PORT: "0",
  ADMIN_PORT: "0",
  // Every order is recorded, so that a test can count all of them; sold-out.test.ts sets it to "refuse".
  SOLD_OUT: "record",
  // The same; queue-full.test.ts sets it.
  PENDING_SECONDS_MAX: "0",
  // Other programs slow the event loop down where tests run; http/pressure.test.ts has a limit.
  LOOP_DELAY_MS_MAX: "0",
};

/** Debian's package faketime: it tells a whole process another time. */
const [faketime] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");

const importClock = `--import ${join(projectFolder, "test", "support", "services", "shifted-clock.ts")}`;

/** Settings of a service whose clock is wrong by so much. Without faketime, only its JavaScript is told. */
export function shiftedBy(ms: number): Environment {
  if (faketime !== undefined) {
    return { LD_PRELOAD: faketime, FAKETIME: `${ms < 0 ? "" : "+"}${ms / 1_000}`, DONT_FAKE_MONOTONIC: "1" };
  }
  return { NODE_OPTIONS: importClock, TEST_CLOCK_SHIFT_MS: String(ms) };
}

/** Settings of a service whose clock, as its JavaScript sees it, is wrong by as many milliseconds as the file has. */
export function clockFileSettings(file: string): Environment {
  return { NODE_OPTIONS: importClock, TEST_CLOCK_FILE: file };
}

export const serviceNames = ["gateway", "worker", "notifier", "admin"] as const;

/**
 * Starts a service; it is ended as cleanup.ts says.
 *
 * @param folder of the version that it is of
 * @param writeLog takes its output; by default it goes where that of this process goes
 */
export async function startService(
  name: (typeof serviceNames)[number],
  environment: Environment,
  folder = projectFolder,
  writeLog?: (data: Buffer) => void,
): Promise<Service> {
  const file = join(folder, "services", name, "src", "main.ts");
  const env = { ...cleanEnvironment(), ...usualSettings, ...environment };
  const child = fork(file, { env, stdio: ["ignore", "pipe", "pipe", "ipc"], detached: isSpared });
  let logBytes = 0;
  const passOn = (to: NodeJS.WriteStream) => (data: Buffer) => {
    logBytes += data.length;
    if (writeLog === undefined) to.write(data);
    else writeLog(data);
  };
  child.stdout?.on("data", passOn(process.stdout));
  child.stderr?.on("data", passOn(process.stderr));
  const exited = once(child, "exit");
  atEnd(() => end(child, exited));
  const url = await new Promise<string>((resolve, reject) => {
    child.on("message", (message) => {
      if (typeof message === "object" && message !== null && "ready" in message) resolve(String(message.ready));
    });
    child.once("exit", (code) => reject(new Error(`${name} ended with exit code ${code} before it was ready`)));
  });
  return {
    url,
    pid: child.pid ?? 0,
    logBytes: () => logBytes,
    exited,
    kill: () => end(child, exited),
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
      return child.exitCode;
    },
    tell: (message) => {
      const answered = once(child, "message");
      child.send(message);
      return Promise.race([answered, exited]);
    },
  };
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await exited;
}

/** A gateway on a free port; it is ended as cleanup.ts says. */
export const startGateway = (environment: Environment) => startService("gateway", environment);

/** A worker; it is ended as cleanup.ts says. */
export const startWorker = (environment: Environment) => startService("worker", environment);

/** A notifier; it is ended as cleanup.ts says. */
export const startNotifier = (environment: Environment) => startService("notifier", environment);

/** An admin service on a free port; it is ended as cleanup.ts says. */
export const startAdmin = (environment: Environment) => startService("admin", environment);
