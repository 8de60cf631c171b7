import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";

const memoryFolder = "/dev/shm";
const prefix = "onsale-test-";
const gibibyte = 1024 ** 3;
/** A run creates some 300 databases, one after the other, and up to 2 GB of write-ahead log. */
const diskMinBytes = 6 * gibibyte;
const memoryMinBytes = 8 * gibibyte;

/**
 * Creates the folder for all files of a run, and makes it the TMPDIR of this process and its children. It is in memory
 * when there is enough memory, because waiting for the disk took a tenth of a run. Folders of killed runs are removed.
 *
 * @returns its path; the caller removes the folder
 */
export function createWorkFolder(): string {
  for (const parent of [memoryFolder, tmpdir()]) removeLeftovers(parent);
  const parent = hasMemory() ? memoryFolder : tmpdir();
  const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  // PostgreSQL runs as another user when the tests run as root.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return folder;
}

/** Removes the folders of runs whose process is gone. */
function removeLeftovers(parent: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(parent);
  } catch {
    // Not every system has the memory folder.
  }
  for (const name of names) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) removeIfPossible(join(parent, name));
  }
}

/** A killed run of the tests of a full disk leaves a file system mounted, and its folder stays. */
function removeIfPossible(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    console.error(`${folder} of a killed run stays: ${error instanceof Error ? error.message : error}`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function hasMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memoryFolder);
    return bavail * bsize >= diskMinBytes && freemem() >= memoryMinBytes;
  } catch {
    return false;
  }
}
