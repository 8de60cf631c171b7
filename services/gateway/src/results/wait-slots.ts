import type { Metrics } from "@onsale/observability/metrics";

/** What waits. */
export type WaitKind = "request" | "stream";

/** Bounds how many requests and streams may wait at a time, in all and per account. */
export type WaitSlots = Readonly<{
  /** @returns releases the slot; undefined when no slot is free, or none for this account */
  take: (accountId: number, kind: WaitKind) => (() => void) | undefined;
  /** How many slots are taken. */
  taken: () => Readonly<Record<WaitKind, number>>;
}>;

/** @param accountCountMax slots that one account may have at a time, so that it cannot take all of them */
export function createWaitSlots(countMax: number, accountCountMax: number): WaitSlots {
  const taken = { request: 0, stream: 0 };
  const countByAccount = new Map<number, number>();

  function change(accountId: number, kind: WaitKind, by: 1 | -1): void {
    const changed = (countByAccount.get(accountId) ?? 0) + by;
    taken[kind] += by;
    if (changed > 0) countByAccount.set(accountId, changed);
    else countByAccount.delete(accountId);
  }

  return {
    take: (accountId, kind) => {
      const count = taken.request + taken.stream;
      if (count >= countMax || (countByAccount.get(accountId) ?? 0) >= accountCountMax) return undefined;
      change(accountId, kind, 1);
      let isTaken = true;
      return () => {
        if (isTaken) change(accountId, kind, -1);
        isTaken = false;
      };
    },
    taken: () => ({ ...taken }),
  };
}

/** Creates the wait slots that the gateway's settings ask for, with gauges of how many there are and are taken. */
export function createConfiguredWaitSlots(
  { auth, waitersMax }: Readonly<{ auth: string; waitersMax: number }>,
  metrics: Metrics,
): WaitSlots {
  const waitSlots = createWaitSlots(waitersMax, auth === "keys" ? Math.ceil(waitersMax / 2) : waitersMax);
  metrics.gauge("wait_slots_taken", async (gauge) => {
    for (const [kind, count] of Object.entries(waitSlots.taken())) gauge.set({ kind }, count);
  });
  metrics.gauge("wait_slots", async (gauge) => gauge.set(waitersMax));
  return waitSlots;
}
