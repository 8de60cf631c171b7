// Lets buyers arrive at a bounded pace, whatever the installation does, and an operator change sales meanwhile.
import { setTimeout as delay } from "node:timers/promises";
import { randomOf } from "../../demo/crowd.ts";
import type { Gateway } from "../../demo/gateway.ts";
import { until } from "../../support/until.ts";
import { type BuyerStage, playBuyer } from "./buyer.ts";
import { purchaseOf, type SaleEvent } from "./sale-events.ts";

export type Crowd = Readonly<{
  startedCount: () => number;
  /** Buyers who did not come because too many were there. */
  turnedAwayCount: () => number;
  activeCount: () => number;
  /** Changes of totals, and pauses, that were answered. */
  changeCount: () => number;
  /** The events whose cancellation was answered. */
  cancelled: readonly string[];
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
const activeMax = 400;
const operatorPauseMs = 700;
const pauseOfSaleMs = 500;
const resumeWithinMs = 30_000;
/** Faults can keep both gateways away for minutes where processes take long to start. */
const cancelWithinMs = 600_000;
/** Of the whole time, when an event is cancelled at the earliest and at the latest. */
const cancelShares = [0.3, 0.8] as const;

/** @param rate buyers a second */
export function startCrowd({ stage, events, seed, rate, seconds }: CrowdOptions): Crowd {
  const stopping = new AbortController();
  const active = new Set<Promise<void>>();
  let started = 0;
  let turnedAway = 0;
  let changes = 0;
  const cancelled: string[] = [];

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

  async function operate(): Promise<void> {
    const random = randomOf(seed, -1);
    while (!stopping.signal.aborted) {
      await delay(operatorPauseMs);
      const event = events[Math.floor(random() * events.length)];
      if (event === undefined) continue;
      await changeSale(stage, event, random).then(
        () => changes++,
        // Refused, or lost in a fault.
        () => undefined,
      );
    }
  }

  async function cancelSales(): Promise<void> {
    const random = randomOf(seed, -6);
    const [earliest, latest] = cancelShares;
    const cancelAtEnd = async ({ code }: SaleEvent) => {
      const share = earliest + random() * (latest - earliest);
      await delay(1_000 * seconds * share, undefined, { signal: stopping.signal }).catch(() => undefined);
      await cancelSale(stage, code);
      cancelled.push(code);
    };
    await Promise.all(events.filter(({ kind }) => kind.isCancelled).map(cancelAtEnd));
  }

  const running = Promise.all([arrive(), operate(), cancelSales()]);
  // Who stops it is told.
  running.catch(() => undefined);
  return {
    startedCount: () => started,
    turnedAwayCount: () => turnedAway,
    activeCount: () => active.size,
    changeCount: () => changes,
    cancelled,
    stop: async () => {
      stopping.abort();
      await running;
      await Promise.all(active);
    },
  };
}

/** Pauses the sale for a moment, or sets another total of one of its ticket types. */
async function changeSale(
  { client }: Pick<BuyerStage, "client">,
  { code, kind }: SaleEvent,
  random: () => number,
): Promise<void> {
  const gateway = random() < 0.5 ? client.gateways[0] : client.gateways[1];
  const totals = Object.entries(kind.totals);
  const [ticketType, total] = totals[Math.floor(random() * totals.length)] ?? [];
  if (ticketType !== undefined && total !== undefined && random() < 0.7) {
    return gateway.change(code, { total: Math.ceil(total * (0.7 + random())) }, ticketType);
  }
  await gateway.change(code, { paused: true }).finally(() => resume(gateway, code));
}

/** A lost answer does not tell whether the event is cancelled, so that is asked for until it is answered. */
async function cancelSale({ client }: Pick<BuyerStage, "client">, code: string): Promise<void> {
  let attempt = 0;
  const once = async () => {
    const gateway = client.gateways[attempt++ % 2 === 0 ? 0 : 1];
    await gateway.cancelEvent(code, "The hall is closed.");
    return true;
  };
  await until("the event is cancelled", once, cancelWithinMs);
}

/** A lost answer does not tell whether the sale is paused, so it is resumed in any case. */
async function resume(gateway: Gateway, code: string): Promise<void> {
  await delay(pauseOfSaleMs);
  const once = async () => {
    await gateway.change(code, { paused: false });
    return true;
  };
  await until("the sale goes on", once, resumeWithinMs);
}
