// Serves one endpoint: what is due to it is sent, the longest due first and four at a time, until nothing is due or its
// time slice ends and it goes to the back of the queue. An endpoint has one job at a time, so a receiver that is slow
// takes the time of nobody but itself. While posts are in flight it is looked for what has become due meanwhile.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { type DueDelivery, readDueDeliveries } from "@onsale/database/statements/deliveries/read-due-deliveries";
import type { DeliverResult } from "@onsale/queue/lanes";
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
const lookIntervalMs = 500;

export function createDeliverer(db: Db, attempt: Attempt): Deliverer {
  /** A wiped Redis forgets that an endpoint is being served; this process does not. */
  const served = new Set<string>();
  let isStopping = false;

  async function serveAlone(endpointId: string, comeBack: () => Promise<unknown>): Promise<DeliverResult> {
    const startedAt = performance.now();
    const flight = createFlight(attempt);
    const mayBegin = () => !isStopping && !flight.hasFailed() && performance.now() - startedAt < timeSliceMs;
    do {
      if (mayBegin() && flight.needsMore()) {
        flight.add(await readDueDeliveries(db, endpointId, flight.ids(), readCountMax));
      }
      if (mayBegin()) flight.begin();
      await flight.landing();
    } while (!flight.isOver());
    const result = flight.result();
    if (!mayBegin()) await comeBack();
    return { ...result, durationMs: Math.round(performance.now() - startedAt) };
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

/** An endpoint's deliveries: those that are ready to be sent, and those that are being sent. */
function createFlight(attempt: Attempt) {
  const inFlight = new Map<string, Promise<void>>();
  let ready: readonly DueDelivery[] = [];
  let delivered = 0;
  let failed = 0;
  let failure: unknown;

  async function send(delivery: DueDelivery): Promise<void> {
    try {
      const end = await attempt(delivery);
      if (end === "delivered") delivered++;
      else failed++;
      // What was read before is not sent any more either.
      if (end === "disabled") ready = [];
    } catch (error) {
      failure ??= error;
    } finally {
      inFlight.delete(delivery.id);
    }
  }

  return {
    needsMore: () => ready.length === 0 && inFlight.size < inFlightMax,
    ids: () => [...inFlight.keys()],
    add: (deliveries: readonly DueDelivery[]) => {
      ready = deliveries;
    },
    begin: () => {
      const first = ready.slice(0, inFlightMax - inFlight.size);
      ready = ready.slice(first.length);
      for (const delivery of first) inFlight.set(delivery.id, send(delivery));
    },
    /** Waits until something has ended, or until it is time to look again. */
    landing: async () => {
      if (inFlight.size === 0) return;
      const pause = new AbortController();
      const { signal } = pause;
      await Promise.race([...inFlight.values(), delay(lookIntervalMs, undefined, { signal }).catch(() => undefined)]);
      pause.abort();
    },
    isOver: () => inFlight.size === 0,
    hasFailed: () => failure !== undefined,
    /** @throws the error of an attempt that could not be recorded */
    result: () => {
      if (failure !== undefined) throw failure;
      return { delivered, failed };
    },
  };
}
