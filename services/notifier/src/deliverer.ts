// Serves one endpoint: sends its due deliveries, the longest due first and four at a time, until none is due or its
// time slice ends; then the endpoint goes to the end of the queue. An endpoint has one job at a time, so a slow
// receiver delays only its own deliveries. While attempts run, it queries for due ones every 500 ms.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { type DueDelivery, readDueDeliveries } from "@onsale/database/statements/deliveries/read-due-deliveries";
import type { DeliverResult } from "@onsale/queue/lanes";
import type { Attempt } from "./attempter.ts";

export type Deliverer = Readonly<{
  /**
   * Serves an endpoint for a time slice at most. Does nothing while this process serves it already.
   *
   * @param enqueueAgain enqueues the endpoint again when deliveries may still be due
   * @throws the error of an attempt that could not be recorded
   */
  serve: (endpointId: string, enqueueAgain: () => Promise<unknown>) => Promise<DeliverResult>;
  /** Begins no further attempts. */
  stop: () => void;
}>;

const attemptsAtOnceMax = 4;
const readCountMax = 32;
const timeSliceMs = 5_000;
const queryIntervalMs = 500;

export function createDeliverer(db: Db, attempt: Attempt): Deliverer {
  /** A wiped Redis forgets which endpoints have an active job; this set does not. */
  const served = new Set<string>();
  let isStopping = false;

  async function serveAlone(endpointId: string, enqueueAgain: () => Promise<unknown>): Promise<DeliverResult> {
    const startedAtMs = performance.now();
    const sender = createSender(attempt);
    const mayBegin = () => !isStopping && !sender.hasFailed() && performance.now() - startedAtMs < timeSliceMs;
    do {
      if (mayBegin() && sender.needsMore()) {
        sender.add(await readDueDeliveries(db, endpointId, sender.runningIds(), readCountMax));
      }
      if (mayBegin()) sender.begin();
      await sender.oneEnded();
    } while (sender.isRunning());
    const result = sender.result();
    if (!mayBegin()) await enqueueAgain();
    return { ...result, durationMs: Math.round(performance.now() - startedAtMs) };
  }

  return {
    serve: async (endpointId, enqueueAgain) => {
      if (served.has(endpointId)) return { delivered: 0, failed: 0, durationMs: 0 };
      served.add(endpointId);
      try {
        return await serveAlone(endpointId, enqueueAgain);
      } finally {
        served.delete(endpointId);
      }
    },
    stop: () => {
      isStopping = true;
    },
  };
}

/** Makes attempts at the deliveries of one endpoint, some at the same time, and counts how they end. */
function createSender(attempt: Attempt) {
  const running = new Map<string, Promise<void>>();
  let ready: readonly DueDelivery[] = [];
  let delivered = 0;
  let failed = 0;
  let firstError: unknown;

  async function send(delivery: DueDelivery): Promise<void> {
    try {
      const end = await attempt(delivery);
      if (end === "delivered") delivered++;
      else failed++;
      // Nothing more may go to a disabled endpoint, not even what was read before.
      if (end === "disabled") ready = [];
    } catch (error) {
      firstError ??= error;
    } finally {
      running.delete(delivery.id);
    }
  }

  return {
    needsMore: () => ready.length === 0 && running.size < attemptsAtOnceMax,
    runningIds: () => [...running.keys()],
    add: (deliveries: readonly DueDelivery[]) => {
      ready = deliveries;
    },
    /** Begins as many attempts as may run at the same time. */
    begin: () => {
      const first = ready.slice(0, attemptsAtOnceMax - running.size);
      ready = ready.slice(first.length);
      for (const delivery of first) running.set(delivery.id, send(delivery));
    },
    /** Resolves when an attempt ends, or when it is time for the next query. */
    oneEnded: async () => {
      if (running.size === 0) return;
      const pause = new AbortController();
      const { signal } = pause;
      await Promise.race([...running.values(), delay(queryIntervalMs, undefined, { signal }).catch(() => undefined)]);
      pause.abort();
    },
    isRunning: () => running.size > 0,
    hasFailed: () => firstError !== undefined,
    /** @throws the error of an attempt that could not be recorded */
    result: () => {
      if (firstError !== undefined) throw firstError;
      return { delivered, failed };
    },
  };
}
