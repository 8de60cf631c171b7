import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Finding, failed, ok, warning } from "./finding.ts";

const check = "disk";
const gibibyte = 2 ** 30;
const failedBelow = 0.5 * gibibyte;
const warningBelow = 5 * gibibyte;

/** Checks the free space of the disk with the embedded database; returns no finding when there is no such database. */
export async function checkDisk(dataDir: string): Promise<Finding[]> {
  const folder = join(dataDir, "postgres");
  if (!existsSync(folder)) return [];
  const { bavail, bsize } = await statfs(folder);
  return [judgeDisk(bavail * bsize, folder)];
}

/** Judges the free space; pure. */
export function judgeDisk(freeBytes: number, folder: string): Finding {
  const detail = `${(freeBytes / gibibyte).toFixed(1)} GiB are free in ${folder}`;
  const advice = "Free some space: PostgreSQL stops when its disk is full.";
  if (freeBytes < failedBelow) return failed(check, detail, advice);
  if (freeBytes < warningBelow) return warning(check, detail, advice);
  return ok(check, detail);
}
