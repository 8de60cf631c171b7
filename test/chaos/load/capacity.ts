// How many buyers an installation serves while nothing fails.
import { setTimeout as delay } from "node:timers/promises";
import { randomOf } from "../../demo/crowd.ts";
import { type BuyerStage, playBuyer } from "./buyer.ts";
import { purchaseOf, type SaleEvent } from "./sale-events.ts";

type CapacityOptions = Readonly<{
  stage: Omit<BuyerStage, "closing">;
  events: readonly SaleEvent[];
  seed: number;
  seconds: number;
}>;

/** Enough to keep it busy, and few enough that they do not wait for each other. */
const buyersAtOnce = 100;
/** Before it is measured: code is compiled, and caches are filled. */
const warmShare = 0.4;

/** Lets so many buy at once that the installation is busy; returns how many of them a second it serves. */
export async function measureCapacity({ stage, events, seed, seconds }: CapacityOptions): Promise<number> {
  const closing = new AbortController();
  let index = 0;
  let served = 0;

  async function buy(): Promise<void> {
    while (!closing.signal.aborted) {
      const number = index++;
      const random = randomOf(seed, number);
      const event = events[Math.floor(random() * events.length)];
      if (event === undefined) return;
      const body = purchaseOf(event, number, random);
      await playBuyer({ ...stage, closing: closing.signal }, `${event.code}-${number}`, body, random);
      served++;
    }
  }

  const buying = Promise.all(Array.from({ length: buyersAtOnce }, buy));
  await delay(1_000 * seconds * warmShare);
  const [servedBefore, beganMs] = [served, performance.now()];
  await delay(1_000 * seconds * (1 - warmShare));
  const perSecond = ((served - servedBefore) * 1_000) / (performance.now() - beganMs);
  closing.abort();
  await buying;
  return perSecond;
}
