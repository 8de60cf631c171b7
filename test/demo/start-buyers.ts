// Starts each buyer of the crowd at their time, but plays no more at once than this machine can.
import { setTimeout as delay } from "node:timers/promises";
import { playBuyer, type Sale } from "./buyer.ts";
import { buyerAt, type CrowdPlan } from "./crowd.ts";

const tickMs = 5;
/** Further buyers start late, as they would when a page does not load. */
const activeCountMax = 4_000;

export type RunningCrowd = Readonly<{
  /** Buyers who have started and not ended. */
  activeCount: () => number;
  /** Resolves when the last buyer has ended. */
  ended: Promise<void>;
}>;

export function startBuyers(sale: Sale, plan: CrowdPlan): RunningCrowd {
  const { stop, ledger } = sale;
  const startedAt = performance.now();
  let activeCount = 0;
  const active = new Set<Promise<void>>();

  async function startAll(): Promise<void> {
    for (let index = 0; index < plan.buyers && !stop.aborted; ) {
      const elapsedMs = performance.now() - startedAt;
      for (let next = buyerAt(plan, index); next.startsAtMs <= elapsedMs && activeCount < activeCountMax; ) {
        activeCount++;
        ledger.counts.started++;
        const playing = playBuyer(sale, next).finally(() => {
          activeCount--;
          active.delete(playing);
        });
        active.add(playing);
        index++;
        if (index >= plan.buyers) break;
        next = buyerAt(plan, index);
      }
      await delay(tickMs);
    }
    while (active.size > 0) await Promise.all(active);
  }

  return { activeCount: () => activeCount, ended: startAll() };
}
