import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "../cleanup.ts";
import { cleanEnvironment } from "../config.ts";
import { type Api, createApi } from "../http/api.ts";
import { until, untilTrue } from "../until.ts";
import { type Environment, projectFolder } from "./services.ts";

/** An `npm start`, or the program behind it. */
export type Standalone = Readonly<{
  process: ChildProcess;
  /** The output so far, of it and its children. */
  output: () => string;
  /** Resolves when it reports that it is ready; rejects when it ends before that. */
  ready: () => Promise<Api>;
  /** Resolves with its exit code, or the name of the signal that ended it. */
  exited: Promise<number | string | null>;
  /** The process with a pid file of this name. */
  pidOf: (name: string) => number;
  /** All processes below it. */
  descendants: () => number[];
}>;

type Options = Readonly<{
  dataDir: string;
  environment?: Environment;
  /** The folder of the project, or of a copy of it. */
  project?: string;
  command?: readonly [string, ...string[]];
  user?: Readonly<{ uid: number; gid: number }>;
}>;

export const programCommand = ["node", "services/standalone/src/main.ts"] as const;

/** Creates a DATA_DIR; it is removed as cleanup.ts says, with the database folder that it may link to. */
export function newDataDir(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), "onsale-standalone-"));
  chmodSync(folder, mode);
  atEnd(() => {
    const database = realOrUndefined(join(folder, "postgres"));
    if (database !== undefined) rmSync(database, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function realOrUndefined(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

export function startStandalone({
  dataDir,
  environment = {},
  project = projectFolder,
  command,
  user,
}: Options): Standalone {
  const [program, ...parameters] = command ?? programCommand;
  const { PATH, ...clean } = cleanEnvironment();
  const path = `${join(project, "node_modules", ".bin")}:${PATH}`;
  const env = {
    ...clean,
    PATH: path,
    PORT: "0",
    ADMIN_PORT: "0",
    SOLD_OUT: "record",
    DATA_DIR: dataDir,
    LOG_LEVEL: "info",
    ...environment,
  };
  const child = spawn(program, parameters, {
    cwd: project,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...user,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data.toString();
    });
  }
  const exited = once(child, "exit").then(([code, signal]) => signal ?? code);
  atEnd(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await exited;
  });
  return {
    process: child,
    output: () => output,
    exited,
    ready: async () => {
      const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
      const findUrl = () => /^Onsale is ready at (http:\S+)$/m.exec(output)?.[1];
      const url = await until("it is ready", () => findUrl() ?? (hasEnded() ? "" : undefined), 60_000);
      if (url === "") throw new Error(`it ended before it was ready: ${output}`);
      return createApi(url);
    },
    pidOf: (name) => Number(readFileSync(join(dataDir, "run", `${name}.pid`), "utf8")),
    descendants: () => descendantsOf(child.pid ?? 0),
  };
}

/** All processes below this one. */
export function descendantsOf(root: number): number[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" });
  const pairs = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (pid: number): number[] =>
    pairs.filter(([, parent]) => parent === pid).flatMap(([child = 0]) => [child, ...below(child)]);
  return below(root);
}

/** Waits until all of these processes have ended. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  await untilTrue(`processes ${pids.join(", ")} have ended`, () => pids.every((pid) => !isAlive(pid)), 30_000);
}

function isAlive(pid: number): boolean {
  try {
    const [, , state] = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
    return state !== "Z";
  } catch {
    return false;
  }
}

/** The names in a DATA_DIR's run folder: pid files, and secrets for the user who runs it. */
export function runFiles(dataDir: string): string[] {
  return readdirSync(join(dataDir, "run"));
}
