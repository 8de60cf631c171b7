// Lets buyers arrive at a bounded pace, whatever the installation does, and an operator change sales meanwhile.
import { setTimeout as delay } from "node:timers/promises";
import { randomOf } from "../../demo/crowd.ts";
import { type BuyerStage, playBuyer } from "./buyer.ts";
import { type Operator, startOperator } from "./operator.ts";
import { purchaseOf, type SaleEvent } from "./sale-events.ts";

export type Crowd = Pick<Operator, "changeCount" | "cancelled"> &
  Readonly<{
    startedCount: () => number;
    /** Buyers who did not come because too many were there. */
    turnedAwayCount: () => number;
    activeCount: () => number;
    /** Lets nobody in any more, and resolves when the last one has ended. */
    stop: () => Promise<void>;
  }>;

type CrowdOptions = Readonly<{
  stage: Omit<BuyerStage, "closing">;
  events: readonly SaleEvent[];
  seed: number;
  rate: number;
  /** How long buyers come, unless it is stopped before. */
  seconds: number;
}>;

const tickMs = 50;
/** More would take the processor from the installation, and memory without bound. */
const activeMin = 400;
const activeSeconds = 3;

/** @param rate buyers a second */
export function startCrowd({ stage, events, seed, rate, seconds }: CrowdOptions): Crowd {
  const stopping = new AbortController();
  const active = new Set<Promise<void>>();
  let started = 0;
  let turnedAway = 0;
  const activeMax = Math.max(activeMin, rate * activeSeconds);

  function start(): void {
    const index = started++;
    const random = randomOf(seed, index);
    const event = events[Math.floor(random() * events.length)];
    if (event === undefined) return;
    const buyer = { ...stage, closing: stopping.signal };
    const playing = playBuyer(buyer, `${event.code}-${index}`, purchaseOf(event, index, random), random).finally(() =>
      active.delete(playing),
    );
    active.add(playing);
  }

  async function arrive(): Promise<void> {
    const beganMs = performance.now();
    for (let arrived = 0; !stopping.signal.aborted; await delay(tickMs)) {
      const due = Math.floor(((performance.now() - beganMs) / 1_000) * rate);
      for (; arrived < due; arrived++) {
        if (active.size < activeMax) start();
        else turnedAway++;
      }
    }
  }

  const operator = startOperator({ gateways: stage.client.gateways, events, seed, seconds, closing: stopping.signal });
  const running = Promise.all([arrive(), operator.done]);
  // Who stops it is told.
  running.catch(() => undefined);
  return {
    startedCount: () => started,
    turnedAwayCount: () => turnedAway,
    activeCount: () => active.size,
    changeCount: operator.changeCount,
    cancelled: operator.cancelled,
    stop: async () => {
      stopping.abort();
      await running;
      await Promise.all(active);
    },
  };
}
