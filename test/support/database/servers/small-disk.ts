// File systems of a few megabytes, for what happens when a database's disk is full.
import { strict as assert } from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync, rmSync, statfsSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase } from "@onsale/database/client";
import { sql } from "kysely";
import { atEnd } from "../../cleanup.ts";
import { createServerFolder, type OwnPostgres } from "./own-postgres.ts";

/** Why tests that mount a file system cannot run on this machine; false when they can. */
export const withoutMounts: string | false = canMount() ? false : "only root may mount a file system, on Linux";

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "onsale-mount-"));
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "tmpfs", folder]).status === 0;
  if (isMounted) execFileSync("umount", [folder]);
  rmdirSync(folder);
  return isMounted;
}

export type SmallDisk = Readonly<{
  folder: string;
  /** Takes all space but some kilobytes. */
  fill: (leftKilobytes: number) => void;
  /** Gives that space back. */
  makeRoom: () => void;
}>;

/** Mounts a file system that the user of PostgreSQL can enter; it is removed as cleanup.ts says. */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const folder = createServerFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0777`, "tmpfs", folder]);
  atEnd(() => execFileSync("umount", ["--lazy", folder]));
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill: (leftKilobytes) => {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leftKilobytes * 1_024)));
    },
    makeRoom: () => rmSync(ballast),
  };
}

/** Fills the disk that has a server's WAL, and resolves when the server has failed to write. */
export async function fillWal(disk: SmallDisk, databaseUrl: string): Promise<void> {
  disk.fill(0);
  // The WAL has files of a fixed size, and the last one is not full yet.
  await assert.rejects(writeWal(databaseUrl));
}

async function writeWal(databaseUrl: string): Promise<never> {
  const db = createDatabase({ url: databaseUrl, connectionCountMax: 1, applicationName: "onsale-test" });
  try {
    for (;;) await sql`SELECT pg_logical_emit_message(true, 'filler', repeat('x', 1000000))`.execute(db);
  } finally {
    await db.destroy().catch(() => undefined);
  }
}

/** Moves the WAL of a server that does not run to another folder. */
export function moveWal(server: OwnPostgres, folder: string): void {
  const wal = join(server.folder, "postgres", "cluster", "pg_wal");
  const place = join(folder, "pg_wal");
  execFileSync("cp", ["-a", wal, place]);
  rmSync(wal, { recursive: true });
  symlinkSync(place, wal);
}
