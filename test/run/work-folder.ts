import { chmodSync, mkdtempSync, statfsSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";

const memoryFolder = "/dev/shm";
const gibibyte = 1024 ** 3;
/** A run creates some 300 databases, one after the other, and up to 2 GB of write-ahead log. */
const diskMinBytes = 6 * gibibyte;
const memoryMinBytes = 8 * gibibyte;

/**
 * Creates the folder for all files of a run, and makes it the TMPDIR of this process and its children. It is in memory
 * when there is enough memory, because waiting for the disk took a tenth of a run.
 *
 * @returns its path; the caller removes the folder
 */
export function createWorkFolder(): string {
  const folder = mkdtempSync(join(hasMemory() ? memoryFolder : tmpdir(), "onsale-test-"));
  // PostgreSQL runs as another user when the tests run as root.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return folder;
}

function hasMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memoryFolder);
    return bavail * bsize >= diskMinBytes && freemem() >= memoryMinBytes;
  } catch {
    return false;
  }
}
