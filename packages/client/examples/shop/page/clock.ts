// The time by the server's clock: the sale opens and holds expire by that one, whatever the browser takes for the time.
let aheadMs = 0;

/** Notes what time it was at the server when a message came from it. */
export function noteServerTime(at: string): void {
  const time = Date.parse(at);
  if (!Number.isNaN(time)) aheadMs = time - Date.now();
}

export function serverNow(): number {
  return Date.now() + aheadMs;
}

/** Calls `tick` now and four times a second. */
export function everyTick(tick: () => void): void {
  tick();
  setInterval(tick, 250);
}
