// Prepares the embedded PostgreSQL for a start: initialises its cluster once, and chooses its port and settings.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFreePort } from "../free-port.ts";
import { findPostgresHome, type PostgresHome } from "./home.ts";
import type { ServerSpec } from "./keeper.ts";
import { tunedSettings } from "./settings.ts";

/** A cluster that is ready to be started. */
export type PreparedPostgres = Readonly<{
  /** Connects to the database `postgres` as the superuser. */
  url: string;
  /** The argument of the keeper. */
  server: ServerSpec;
}>;

const userName = "onsale";

/**
 * Initialises the cluster of a DATA_DIR when it is new, and chooses a port for this start.
 *
 * @param settings of the server, such as `max_connections`; durability stays at PostgreSQL's defaults
 */
export async function preparePostgres(
  dataDir: string,
  settings: Readonly<Record<string, string>>,
): Promise<PreparedPostgres> {
  const home = findPostgresHome(dataDir);
  const passwordFile = join(home.dataFolder, "password");
  const cluster = join(home.dataFolder, "cluster");
  if (!existsSync(cluster)) initialise(home, cluster, passwordFile);

  const port = await findFreePort();
  const password = readFileSync(passwordFile, "utf8").trim();
  const allSettings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port: String(port),
    ...tunedSettings(),
    ...settings,
  };
  return {
    url: `postgres://${userName}:${password}@127.0.0.1:${port}/postgres`,
    server: {
      binary: join(home.binFolder, "postgres"),
      arguments: ["-D", cluster, ...Object.entries(allSettings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      cluster,
      logFile: join(dataDir, "postgres.log"),
      ...(home.user === undefined ? {} : { user: home.user }),
    },
  };
}

function initialise(home: PostgresHome, cluster: string, passwordFile: string): void {
  const aside = `${cluster}.new`;
  rmSync(aside, { recursive: true, force: true });
  writeFileSync(passwordFile, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
  if (home.user !== undefined) chownSync(passwordFile, home.user.uid, home.user.gid);
  const flags = ["--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--encoding=UTF8", "--locale=C"];
  const run = spawnSync(join(home.binFolder, "initdb"), [`--pgdata=${aside}`, `--username=${userName}`, ...flags], {
    ...home.user,
    cwd: "/",
    env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
    encoding: "utf8",
  });
  if (run.status !== 0) {
    const why = run.error?.message ?? run.stderr.trim().split("\n").at(-1) ?? "it did not say why";
    throw new Error(`PostgreSQL could not create its database in ${home.dataFolder}: ${why}`);
  }
  // Renamed when it is complete, because a start can be killed at any moment.
  renameSync(aside, cluster);
}
