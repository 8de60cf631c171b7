import { execFile, execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { startChild } from "@onsale/standalone/child";
import { findFreePort } from "@onsale/standalone/free-port";
import { keeperFile, type ServerSpec } from "@onsale/standalone/postgres/keeper";
import { atEnd } from "../../cleanup.ts";
import { cleanEnvironment } from "../../config.ts";

/** Programs of Debian's PostgreSQL. */
export const oldestBinFolder = "/usr/lib/postgresql/15/bin";

/** Why tests with the oldest supported PostgreSQL cannot run on this machine; false when they can. */
export const withoutOldestPostgres: string | false = existsSync(join(oldestBinFolder, "postgres"))
  ? false
  : "there is no PostgreSQL 15 of Debian on this machine; install postgresql-15 to run this test";

/** PostgreSQL does not run as root; Debian's package has a user for it. */
export function oldestServerUser(): ServerSpec["user"] {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** A server of Debian's PostgreSQL. */
export type OldestPostgres = Readonly<{
  /** Its database `postgres`, for the superuser. */
  url: string;
  stop: () => Promise<void>;
}>;

/** A new folder that the server's user owns; it is removed as cleanup.ts says. */
export function createOldestFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "onsale-oldest-"));
  chmodSync(folder, 0o755);
  giveToServer(folder);
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Gives a folder and all that is in it to the server's user. */
export function giveToServer(folder: string): void {
  const user = oldestServerUser();
  if (user !== undefined) execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, folder]);
}

/** Runs a program of Debian's PostgreSQL, such as pg_basebackup. */
export function runOldestProgram(name: string, parameters: readonly string[]): Promise<unknown> {
  return promisify(execFile)(join(oldestBinFolder, name), parameters);
}

/**
 * Starts the oldest supported PostgreSQL as Debian packages it, with its default settings; JIT is one of them. It is
 * stopped as cleanup.ts says.
 *
 * @returns the URL of its database `postgres`, for the superuser
 */
export async function startOldestPostgres(): Promise<string> {
  return (await startOldestServer()).url;
}

/** As `startOldestPostgres`, with further settings. */
export function startOldestServer(settings: Readonly<Record<string, string>> = {}): Promise<OldestPostgres> {
  const cluster = join(createOldestFolder(), "cluster");
  execFileSync(
    join(oldestBinFolder, "initdb"),
    [`--pgdata=${cluster}`, "--username=onsale", "--auth=trust", "--encoding=UTF8", "--no-locale"],
    { ...oldestServerUser(), cwd: "/", stdio: "ignore" },
  );
  return startCluster(cluster, settings);
}

/** Starts a server on the files of a cluster, which belong to its user. */
export async function startCluster(
  cluster: string,
  further: Readonly<Record<string, string>> = {},
): Promise<OldestPostgres> {
  const user = oldestServerUser();
  const port = await findFreePort();
  const address = { listen_addresses: "127.0.0.1", unix_socket_directories: "", port: String(port) };
  const settings = Object.entries({ ...address, ...further });
  const server: ServerSpec = {
    binary: join(oldestBinFolder, "postgres"),
    arguments: ["-D", cluster, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    cluster,
    logFile: join(dirname(cluster), "postgres.log"),
    ...(user === undefined ? {} : { user }),
  };
  const spec = {
    name: "postgres",
    file: keeperFile,
    arguments: [JSON.stringify(server)],
    environment: cleanEnvironment(),
  };
  const keeper = startChild(spec, { onStart: () => undefined, onDeath: () => undefined });
  atEnd(keeper.stop);
  await keeper.ready;
  return { url: `postgres://onsale@127.0.0.1:${port}/postgres`, stop: keeper.stop };
}
