// Requests that wait for the lane's decision about a late payment. The lane announces the orders whose payments it has
// decided (write-late-payments.ts). An announcement can be lost, or come before the wait begins, so a wait is short and
// the caller asks again after it.
import { parseChanged } from "@onsale/database/announcements/channels";

export type LatePaymentWaits = Readonly<{
  /** Resolves once the order is announced, after a second or `timeoutMs`, or when the client is gone. */
  wait: (orderId: string, timeoutMs: number, clientGone: AbortSignal) => Promise<void>;
  /** Takes the announcement of orders that changed. */
  onChanged: (payload: string) => void;
}>;

const waitMaxMs = 1_000;

export function createLatePaymentWaits(): LatePaymentWaits {
  const releasesByOrder = new Map<string, Set<() => void>>();
  return {
    wait: async (orderId, timeoutMs, clientGone) => {
      if (clientGone.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const release = () => resolve();
      const releases = releasesByOrder.get(orderId) ?? new Set();
      releasesByOrder.set(orderId, releases.add(release));
      const timeLimit = setTimeout(release, Math.min(timeoutMs, waitMaxMs));
      clientGone.addEventListener("abort", release, { once: true });
      await promise;
      clearTimeout(timeLimit);
      clientGone.removeEventListener("abort", release);
      releases.delete(release);
      if (releases.size === 0) releasesByOrder.delete(orderId);
    },
    onChanged: (payload) => {
      for (const id of parseChanged(payload)) for (const release of releasesByOrder.get(id) ?? []) release();
    },
  };
}
