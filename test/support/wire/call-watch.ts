// What a process asks PostgreSQL and Redis for, call by call, and which of the answers gets lost.

export type CallWatch = Readonly<{
  /** A call goes to the server. Returns whether its answer has to get lost. */
  onCall: (name: string) => boolean;
  /** The answer to that call got lost, after the server had done what it asked for. */
  onLost: () => void;
  /** The names of the calls since the last time this was asked. */
  takeSeen: () => ReadonlySet<string>;
  /** Loses the answer to the next call of this name; undefined: to none. */
  loseNext: (name: string | undefined) => void;
  /** How many answers got lost so far. */
  lostCount: () => number;
}>;

export function createCallWatch(): CallWatch {
  let seen = new Set<string>();
  let toLose: string | undefined;
  let lostCount = 0;
  return {
    onCall: (name) => {
      seen.add(name);
      if (name !== toLose) return false;
      toLose = undefined;
      return true;
    },
    onLost: () => {
      lostCount++;
    },
    takeSeen: () => {
      const taken = seen;
      seen = new Set();
      return taken;
    },
    loseNext: (name) => {
      toLose = name;
    },
    lostCount: () => lostCount,
  };
}
