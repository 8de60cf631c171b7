// Requests that wait for the lane's decision about a late payment. A batch that decides it is announced like every
// other: all entries of the event up to a number are decided. The announcement can be lost, so the caller asks again
// when the time is up.
import type { Decisions } from "../results/decisions.ts";

export type LatePaymentWaits = Readonly<{
  /** Resolves once the entry with this number may be decided, when the time is up, or when the client is gone. */
  wait: (eventId: number, seq: number, timeoutMs: number, clientGone: AbortSignal) => Promise<void>;
}>;

type Wait = Readonly<{ seq: number; release: () => void }>;

export function createLatePaymentWaits(decisions: Pick<Decisions, "subscribe" | "through">): LatePaymentWaits {
  const waitsByEvent = new Map<number, Set<Wait>>();
  decisions.subscribe(({ eventId, seq }) => {
    for (const wait of waitsByEvent.get(eventId) ?? []) if (wait.seq <= seq) wait.release();
  });
  return {
    wait: async (eventId, seq, timeoutMs, clientGone) => {
      if (seq <= decisions.through(eventId) || clientGone.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const wait = { seq, release: resolve };
      const waits = waitsByEvent.get(eventId) ?? new Set();
      waitsByEvent.set(eventId, waits.add(wait));
      const timeLimit = setTimeout(resolve, timeoutMs);
      const leave = () => resolve();
      clientGone.addEventListener("abort", leave, { once: true });
      await promise;
      clearTimeout(timeLimit);
      clientGone.removeEventListener("abort", leave);
      waits.delete(wait);
      if (waits.size === 0) waitsByEvent.delete(eventId);
    },
  };
}
