// Lets the crowd in, each buyer at his time, and no more at once than this machine can play.
import { setTimeout as delay } from "node:timers/promises";
import { type Sale, visit } from "./buyer.ts";
import { buyerAt, type CrowdPlan } from "./crowd.ts";

const tickMs = 5;
/** Who comes later waits outside, as he would for a page that does not load. */
const insideCountMax = 4_000;

export type Doors = Readonly<{
  /** Buyers whose visit has begun and not ended. */
  insideCount: () => number;
  /** Resolves when everybody has come and gone. */
  empty: Promise<void>;
}>;

export function openDoors(sale: Sale, plan: CrowdPlan): Doors {
  const { stop, ledger } = sale;
  const openedAt = performance.now();
  let insideCount = 0;
  const gone = new Set<Promise<void>>();

  async function letIn(): Promise<void> {
    for (let index = 0; index < plan.buyers && !stop.aborted; ) {
      const elapsedMs = performance.now() - openedAt;
      for (let next = buyerAt(plan, index); next.arrivesAtMs <= elapsedMs && insideCount < insideCountMax; ) {
        insideCount++;
        ledger.counts.arrived++;
        const visiting = visit(sale, next).finally(() => {
          insideCount--;
          gone.delete(visiting);
        });
        gone.add(visiting);
        index++;
        if (index >= plan.buyers) break;
        next = buyerAt(plan, index);
      }
      await delay(tickMs);
    }
    while (gone.size > 0) await Promise.all(gone);
  }

  return { insideCount: () => insideCount, empty: letIn() };
}
