import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { signal } from "@onsale/service/process-info";
import { type Child, startChild } from "@onsale/standalone/child";
import { keeperFile } from "@onsale/standalone/postgres/keeper";
import { preparePostgres } from "@onsale/standalone/postgres/prepare";
import { atEnd } from "../../cleanup.ts";
import { cleanEnvironment } from "../../config.ts";
import { descendantsOf, untilGone } from "../../services/standalone.ts";

/** A PostgreSQL server of one test. */
export type OwnPostgres = Readonly<{
  /** Its database `postgres`, for the superuser. */
  url: string;
  /** The folder of its files; the cluster is in `postgres/cluster`. */
  folder: string;
  /** Starts it at the same address as before. */
  start: () => Promise<void>;
  stop: () => Promise<void>;
  /**
   * Ends it as a crash does, without a checkpoint; it stays down until `start`. With SIGQUIT it is asked to end at
   * once, with SIGKILL its first process is gone, and the others notice.
   */
  crash: (signal?: "SIGQUIT" | "SIGKILL") => Promise<void>;
  /** Stops the execution of all its processes for this long; returns their number. */
  freeze: (ms: number) => Promise<number>;
}>;

type OwnPostgresOptions = Readonly<{
  /** Exists, and is open to other users; by default a new one below the system's temporary folder. */
  folder?: string;
  settings?: Readonly<Record<string, string>>;
}>;

/** A new folder that the user of PostgreSQL can enter; it is removed as cleanup.ts says. */
export function createServerFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "onsale-server-"));
  chmodSync(folder, 0o755);
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Initialises a server, unless its folder has a cluster already; it does not run yet. It ends as cleanup.ts says. */
export async function createOwnPostgres(options: OwnPostgresOptions = {}): Promise<OwnPostgres> {
  const { folder = createServerFolder(), settings = {} } = options;
  const { url, server } = await preparePostgres(folder, settings);
  const spec = {
    name: "postgres",
    file: keeperFile,
    arguments: [JSON.stringify(server)],
    environment: cleanEnvironment(),
  };
  let keeper: Child | undefined;
  const stop = async () => keeper?.stop();
  const firstPid = () => Number.parseInt(readFileSync(join(server.cluster, "postmaster.pid"), "utf8"), 10);
  atEnd(stop);
  return {
    url,
    folder,
    start: async () => {
      keeper = startChild(spec, { onStart: () => undefined, onDeath: () => undefined });
      await keeper.ready;
    },
    stop,
    crash: async (by = "SIGQUIT") => {
      const pid = firstPid();
      const processes = [pid, ...descendantsOf(pid)];
      // The keeper is asked to stop first, so that it does not start the server again.
      const stopped = stop();
      process.kill(pid, by);
      await stopped;
      await untilGone(processes);
    },
    freeze: async (ms) => {
      const processes = [firstPid()];
      try {
        // The first one before the others are listed: it starts no further ones then.
        for (const one of processes) signal(one, "SIGSTOP");
        processes.push(...processes.flatMap(descendantsOf));
        for (const one of processes) signal(one, "SIGSTOP");
        await delay(ms);
      } finally {
        for (const one of processes) signal(one, "SIGCONT");
      }
      return processes.length;
    },
  };
}

/** Starts a PostgreSQL server for one test, which can stop it and start it again at the same address. */
export async function startOwnPostgres(options: OwnPostgresOptions = {}): Promise<OwnPostgres> {
  const postgres = await createOwnPostgres(options);
  await postgres.start();
  return postgres;
}

/** Copies the files of a server that does not run into another folder, for its user. */
export function copyServerFiles(from: OwnPostgres, folder: string): void {
  execFileSync("cp", ["-a", `${from.folder}/postgres`, `${folder}/postgres`]);
}
