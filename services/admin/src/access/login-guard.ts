// Slows down guessing of the password. Failed logins of the last five minutes are counted: five from one address block
// that address, fifty in all block every address, until the oldest of them expire. The password of a blocked login is
// not checked, so it does not count as a failure. Existing sessions are not affected.

export type LoginGuard = Readonly<{
  /**
   * Milliseconds until a login from this address is allowed; 0 when it is now.
   *
   * @param address undefined when the connection is closed already
   */
  blockedMs: (address: string | undefined, nowMs: number) => number;
  noteFailure: (address: string | undefined, nowMs: number) => void;
  /** Forgets the failures of this address: the user knows the password and may have mistyped it. */
  noteSuccess: (address: string | undefined) => void;
}>;

const windowMs = 5 * 60_000;
export const failureCountMaxOfAddress = 5;
export const failureCountMax = 50;

export function createLoginGuard(): LoginGuard {
  let failures: readonly Readonly<{ from: string; atMs: number }>[] = [];

  /** Milliseconds until fewer than `countMax` of `counted` are in the window. */
  const remainingMs = (counted: typeof failures, countMax: number, nowMs: number): number => {
    const next = counted.at(-countMax);
    return next === undefined ? 0 : Math.max(0, next.atMs + windowMs - nowMs);
  };

  return {
    blockedMs: (address, nowMs) => {
      const from = networkOf(address);
      failures = failures.filter(({ atMs }) => atMs + windowMs > nowMs);
      const own = failures.filter((failure) => failure.from === from);
      return Math.max(remainingMs(own, failureCountMaxOfAddress, nowMs), remainingMs(failures, failureCountMax, nowMs));
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

/** The key to count by: of IPv6 the /64, which one subscriber owns; of an IPv4-mapped IPv6 address the IPv4 address. */
function networkOf(address: string | undefined): string {
  if (address === undefined) return "";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("::");
  const before = head.split(":").filter((group) => group !== "");
  const after = tail?.split(":").filter((group) => group !== "") ?? [];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
