// Loaded with `--import` before a service: its clock is wrong, as on a machine without NTP. It is wrong by
// `TEST_CLOCK_SHIFT_MS`, or by what the file `TEST_CLOCK_FILE` has, as often as that changes.
import { appendFileSync, readFileSync } from "node:fs";

const lookEveryMs = 50;
const RealDate = Date;
let shiftMs = Number(process.env.TEST_CLOCK_SHIFT_MS ?? 0);

class ShiftedDate extends RealDate {
  constructor(...parts: [] | [string | number | Date]) {
    if (parts.length === 0) super(ShiftedDate.now());
    else super(parts[0]);
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

Object.defineProperty(globalThis, "Date", { value: ShiftedDate });

function follow(file: string): void {
  // A file that is being written is empty.
  const nowMs = Number(readFileSync(file, "utf8") || shiftMs);
  if (nowMs === shiftMs) return;
  shiftMs = nowMs;
  appendFileSync(`${file}.noticed`, `${shiftMs}\n`);
}

const { TEST_CLOCK_FILE } = process.env;
if (TEST_CLOCK_FILE !== undefined) setInterval(follow, lookEveryMs, TEST_CLOCK_FILE).unref();
