// The process between Onsale and its embedded PostgreSQL. PostgreSQL does not notice when whoever started it is
// killed; its keeper does, and stops it. Run as a program with its order, in JSON, as the only argument.
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { reportReady, stopRequested } from "@onsale/service/supervision";
import { becomes, runs, signal } from "./process-info.ts";

export type KeeperOrder = Readonly<{
  binary: string;
  arguments: readonly string[];
  /** The cluster's folder. */
  cluster: string;
  logFile: string;
  user?: Readonly<{ uid: number; gid: number }>;
}>;

export const keeperFile = import.meta.filename;

const sessionsMayEndMs = 3_000;
const stopMaxMs = 30_000;

/** Stops a server that a killed keeper left behind: nobody else could start on its folder. */
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
  if (!(await becomes(() => !isLeft(), stopMaxMs))) throw new Error(`process ${pid} holds ${cluster} and does not end`);
}

/** Statements that failed are in the log, with their values: it is for its owner's eyes. */
function writeLog(file: string, line: string): void {
  try {
    appendFileSync(file, `${line}\n`, { mode: 0o600 });
  } catch {
    // A full disk must not end the keeper, and with it the database.
  }
}

async function keep(order: KeeperOrder): Promise<number> {
  const stop = stopRequested();
  await stopLeftover(order.cluster);
  const server = spawn(order.binary, [...order.arguments], {
    ...order.user,
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
    writeLog(order.logFile, line);
    if (line.includes("database system is ready to accept connections")) reportReady(order.cluster);
  });

  const isStopped = await Promise.race([stop.then(() => true), ended.then(() => false)]);
  if (!isStopped) {
    console.error(`postgres ended by itself; the end of ${order.logFile} says why`);
    return ended;
  }
  // First let sessions end, then end them, then end everything; each is safe, the later ones are ruder.
  server.kill("SIGTERM");
  const rude = setTimeout(() => server.kill("SIGINT"), sessionsMayEndMs);
  const ruder = setTimeout(() => server.kill("SIGQUIT"), stopMaxMs);
  await ended;
  clearTimeout(rude);
  clearTimeout(ruder);
  return 0;
}

if (import.meta.main) {
  const order: KeeperOrder = JSON.parse(process.argv[2] ?? "");
  process.exit(await keep(order));
}
