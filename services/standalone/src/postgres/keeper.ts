// A program that runs the embedded PostgreSQL server and stops it when Onsale ends. The server itself does not notice
// when its parent is killed. The only argument is a `ServerSpec` in JSON.
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { becomes, runs, signal } from "@onsale/service/process-info";
import { reportReady, stopRequested } from "@onsale/service/supervision";

export type ServerSpec = Readonly<{
  binary: string;
  arguments: readonly string[];
  /** The cluster's folder. */
  cluster: string;
  logFile: string;
  user?: Readonly<{ uid: number; gid: number }>;
}>;

export const keeperFile = import.meta.filename;

const sessionsEndMaxMs = 3_000;
const stopMaxMs = 30_000;
/** A standby accepts connections that read only. */
const readyLine = /database system is ready to accept (?:read-only )?connections/;

/** Stops a server that a killed keeper left behind: no other server can start on the same folder. */
async function stopLeftover(cluster: string): Promise<void> {
  let pid = 0;
  try {
    pid = Number.parseInt(readFileSync(join(cluster, "postmaster.pid"), "utf8"), 10);
  } catch {
    return;
  }
  const isLeft = () => runs(pid, cluster);
  if (!isLeft()) return;
  signal(pid, "SIGINT");
  if (!(await becomes(() => !isLeft(), stopMaxMs))) throw new Error(`process ${pid} uses ${cluster} and does not end`);
}

/** Only the owner can read the log: failed statements are in it, with their values. */
function writeLog(file: string, line: string): void {
  try {
    appendFileSync(file, `${line}\n`, { mode: 0o600 });
  } catch {
    // A full disk must not end the keeper, and with it the database.
  }
}

/** @returns the exit code */
async function keep(spec: ServerSpec): Promise<number> {
  const stop = stopRequested();
  await stopLeftover(spec.cluster);
  const server = spawn(spec.binary, [...spec.arguments], {
    ...spec.user,
    cwd: "/",
    env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<number>((resolve) => {
    server.once("error", (error) => {
      console.error(`postgres cannot start: ${error.message}`);
      resolve(1);
    });
    server.once("exit", (code) => resolve(code ?? 1));
  });
  const lines = createInterface({ input: server.stderr });
  lines.on("line", (line) => {
    writeLog(spec.logFile, line);
    if (readyLine.test(line)) reportReady(spec.cluster);
  });

  const isStopped = await Promise.race([stop.then(() => true), ended.then(() => false)]);
  if (!isStopped) {
    console.error(`postgres ended by itself; the end of ${spec.logFile} says why`);
    return ended;
  }
  // The smart shutdown waits for sessions to end, the fast one ends them, the immediate one skips the checkpoint. None
  // of them loses a commit.
  server.kill("SIGTERM");
  const fast = setTimeout(() => server.kill("SIGINT"), sessionsEndMaxMs);
  const immediate = setTimeout(() => server.kill("SIGQUIT"), stopMaxMs);
  await ended;
  clearTimeout(fast);
  clearTimeout(immediate);
  return 0;
}

if (import.meta.main) {
  const spec: ServerSpec = JSON.parse(process.argv[2] ?? "");
  process.exit(await keep(spec));
}
