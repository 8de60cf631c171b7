// Slows guessing down. Failed logins of the last minutes are remembered: an address with a few of them, and everybody
// when there are many, is refused until they are old enough. A refused login is not looked at, so it is no failure
// either: no more than `failureCountMax` can ever be remembered. Who is logged in already is not concerned.

export type LoginGuard = Readonly<{
  /** How long until a login from this address is looked at; 0 when it is now. */
  waitMs: (address: string, nowMs: number) => number;
  noteFailure: (address: string, nowMs: number) => void;
  /** Whoever knows the password may have mistyped it before. */
  noteSuccess: (address: string) => void;
}>;

const windowMs = 5 * 60_000;
export const failureCountMaxOfAddress = 5;
export const failureCountMax = 50;

export function createLoginGuard(): LoginGuard {
  let failures: readonly Readonly<{ from: string; atMs: number }>[] = [];

  /** Until there are fewer than `countMax` of these in the window. */
  const waitFor = (some: typeof failures, countMax: number, nowMs: number): number => {
    const decisive = some.at(-countMax);
    return decisive === undefined ? 0 : Math.max(0, decisive.atMs + windowMs - nowMs);
  };

  return {
    waitMs: (address, nowMs) => {
      const from = networkOf(address);
      failures = failures.filter(({ atMs }) => atMs + windowMs > nowMs);
      const own = failures.filter((failure) => failure.from === from);
      return Math.max(waitFor(own, failureCountMaxOfAddress, nowMs), waitFor(failures, failureCountMax, nowMs));
    },
    noteFailure: (address, nowMs) => {
      failures = [...failures, { from: networkOf(address), atMs: nowMs }].slice(-failureCountMax);
    },
    noteSuccess: (address) => {
      const from = networkOf(address);
      failures = failures.filter((failure) => failure.from !== from);
    },
  };
}

/** One subscriber has a whole /64 of IPv6 addresses; an IPv4 address may be written as an IPv6 one. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("::");
  const before = head.split(":").filter((group) => group !== "");
  const after = tail?.split(":").filter((group) => group !== "") ?? [];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
