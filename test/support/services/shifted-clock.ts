// Loaded with `--import` before a service: its clock is wrong by `TEST_CLOCK_SHIFT_MS`, as on a machine without NTP.
const shiftMs = Number(process.env.TEST_CLOCK_SHIFT_MS);
const RealDate = Date;

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
