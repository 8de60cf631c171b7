import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "@onsale/standalone/child";
import { findFreePort } from "@onsale/standalone/free-port";
import { keeperFile, type ServerSpec } from "@onsale/standalone/postgres/keeper";
import { atEnd } from "../../cleanup.ts";
import { cleanEnvironment } from "../../config.ts";

const binFolder = "/usr/lib/postgresql/15/bin";

/** Why tests with the oldest supported PostgreSQL cannot run on this machine; false when they can. */
export const withoutOldestPostgres: string | false = existsSync(join(binFolder, "postgres"))
  ? false
  : "there is no PostgreSQL 15 of Debian on this machine; install postgresql-15 to run this test";

/** PostgreSQL does not run as root; Debian's package has a user for it. */
function serviceUser(): ServerSpec["user"] {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/**
 * Starts the oldest supported PostgreSQL as Debian packages it, with its default settings; JIT is one of them. It is
 * stopped as cleanup.ts says.
 *
 * @returns the URL of its database `postgres`, for the superuser
 */
export async function startOldestPostgres(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "onsale-oldest-"));
  chmodSync(folder, 0o755);
  const user = serviceUser();
  const dataFolder = join(folder, "data");
  mkdirSync(dataFolder, { mode: 0o700 });
  if (user !== undefined) chownSync(dataFolder, user.uid, user.gid);
  const cluster = join(dataFolder, "cluster");
  execFileSync(
    join(binFolder, "initdb"),
    [`--pgdata=${cluster}`, "--username=onsale", "--auth=trust", "--encoding=UTF8", "--no-locale"],
    { ...user, cwd: "/", stdio: "ignore" },
  );
  const port = await findFreePort();
  const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: "", port: String(port) };
  const server: ServerSpec = {
    binary: join(binFolder, "postgres"),
    arguments: ["-D", cluster, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    cluster,
    logFile: join(folder, "postgres.log"),
    ...(user === undefined ? {} : { user }),
  };
  const spec = {
    name: "postgres",
    file: keeperFile,
    arguments: [JSON.stringify(server)],
    environment: cleanEnvironment(),
  };
  const keeper = startChild(spec, { onStart: () => undefined, onDeath: () => undefined });
  atEnd(async () => {
    await keeper.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await keeper.ready;
  return `postgres://onsale@127.0.0.1:${port}/postgres`;
}
