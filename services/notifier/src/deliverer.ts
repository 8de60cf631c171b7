// Serves one endpoint: what is due to it is sent, the longest due first and four at a time, until nothing is due or its
// time slice ends and it goes to the back of the queue. An endpoint has one job at a time, so a receiver that is slow
// takes the time of nobody but itself.
import type { Db } from "@onsale/database/client";
import { type DueDelivery, readDueDeliveries } from "@onsale/database/statements/read-due-deliveries";
import type { DeliverResult } from "@onsale/queue/job";
import type { Attempt } from "./attempter.ts";

export type Deliverer = Readonly<{
  /** @param comeBack enqueues the endpoint again */
  serve: (endpointId: string, comeBack: () => Promise<unknown>) => Promise<DeliverResult>;
  /** Begins no further attempts. */
  stop: () => void;
}>;

const inFlightMax = 4;
const readCountMax = 32;
const timeSliceMs = 5_000;

export function createDeliverer(db: Db, attempt: Attempt): Deliverer {
  /** A wiped Redis forgets that an endpoint is being served; this process does not. */
  const served = new Set<string>();
  let isStopping = false;

  async function serveAlone(endpointId: string, comeBack: () => Promise<unknown>): Promise<DeliverResult> {
    const startedAt = performance.now();
    const source = createSource(db, endpointId);
    let isDisabled = false;
    const mayGoOn = () => !isStopping && !isDisabled && performance.now() - startedAt < timeSliceMs;
    let delivered = 0;
    let failed = 0;

    async function runLane(): Promise<void> {
      while (mayGoOn()) {
        const delivery = await source.next();
        if (delivery === undefined) return;
        const end = await attempt(delivery);
        if (end === "delivered") delivered++;
        else failed++;
        // What was read before is not sent any more either.
        if (end === "disabled") isDisabled = true;
        source.done(delivery);
      }
    }

    const lanes = await Promise.allSettled(Array.from({ length: inFlightMax }, runLane));
    for (const lane of lanes) if (lane.status === "rejected") throw lane.reason;
    if (!isDisabled && !mayGoOn()) await comeBack();
    return { delivered, failed, durationMs: Math.round(performance.now() - startedAt) };
  }

  return {
    serve: async (endpointId, comeBack) => {
      if (served.has(endpointId)) return { delivered: 0, failed: 0, durationMs: 0 };
      served.add(endpointId);
      try {
        return await serveAlone(endpointId, comeBack);
      } finally {
        served.delete(endpointId);
      }
    },
    stop: () => {
      isStopping = true;
    },
  };
}

/** Gives out what is due, each delivery to one lane. */
function createSource(db: Db, endpointId: string) {
  const inFlight = new Set<string>();
  let ready: DueDelivery[] = [];
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    ready = await readDueDeliveries(db, endpointId, [...inFlight], readCountMax);
  }

  return {
    next: async (): Promise<DueDelivery | undefined> => {
      if (ready.length === 0) {
        reading ??= read().finally(() => {
          reading = undefined;
        });
        await reading;
      }
      const delivery = ready.shift();
      if (delivery !== undefined) inFlight.add(delivery.id);
      return delivery;
    },
    done: ({ id }: DueDelivery) => void inFlight.delete(id),
  };
}
