// Serves one endpoint: sends its due deliveries, the longest due first, until none is due or its time slice ends; then
// the endpoint goes to the end of the queue. A slice lasts longer while the receiver keeps a post waiting. How many
// posts are in flight at a time depends on the receiver (post-window.ts) and on the account's share of this process
// (post-slots.ts). An endpoint that gets no slot at all is left alone: the relay finds it again within half a second.
// While posts are in flight, the deliverer queries for due deliveries every 500 ms.
//
// While it serves an endpoint, the process has the endpoint's lock (posts-lock.ts), which a gateway waits for when the
// endpoint is disabled or deleted.
import type { Db } from "@onsale/database/client";
import type { SharedLocks } from "@onsale/database/shared-locks";
import { readDueDeliveries } from "@onsale/database/statements/deliveries/read-due-deliveries";
import { findStoppedEndpoints } from "@onsale/database/statements/webhooks/find-stopped-endpoints";
import { postsLock } from "@onsale/database/statements/webhooks/posts-lock";
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { DeliverResult } from "@onsale/queue/lanes";
import type { Attempt } from "../posting/attempter.ts";
import { lockLost } from "../posting/permit.ts";
import type { PostSlots } from "./post-slots.ts";
import { createPostWindow } from "./post-window.ts";
import { createSender } from "./sender.ts";

export type Deliverer = Readonly<{
  /**
   * Serves an endpoint for a time slice. Does nothing while this process serves it already.
   *
   * @param enqueueAgain enqueues the endpoint again when deliveries may still be due
   * @throws the error of an attempt that could not be recorded
   */
  serve: (endpointId: string, enqueueAgain: () => Promise<unknown>) => Promise<DeliverResult>;
  /** Ends the posts to an endpoint that was disabled or is being deleted. */
  stopEndpoint: (endpointId: string) => void;
  /** Ends the posts to those endpoints that were disabled or deleted while nothing was heard of that. */
  stopUnheard: () => Promise<void>;
  /** Ends the posts to all endpoints, whose locks were lost; the relay finds again what is due. */
  stopAll: () => void;
  /** Begins no further attempts. */
  stop: () => void;
}>;

export type DelivererOptions = Readonly<{
  locks: Pick<SharedLocks, "take" | "giveBack">;
  slots: PostSlots;
  /** Posts in flight to one endpoint at most. */
  inFlightMax: number;
}>;

const timeSliceMs = 5_000;
/** The end of a slice waits for the posts in flight, up to 15 s for one that gets no answer: meanwhile it goes on. */
const overtimeMs = 60_000;
const queryIntervalMs = 500;
const nothing: DeliverResult = { delivered: 0, failed: 0, durationMs: 0 };

export function createDeliverer(db: Db, attempt: Attempt, options: DelivererOptions): Deliverer {
  const { locks, slots, inFlightMax } = options;
  /** The endpoints that are served. A wiped Redis forgets which endpoints have an active job; this map does not. */
  const served = new Map<string, AbortController>();
  const stopEndpoint = (endpointId: string) => served.get(endpointId)?.abort();
  let isStopping = false;

  async function serveAlone(
    endpointId: string,
    stopper: AbortController,
    enqueueAgain: () => Promise<unknown>,
  ): Promise<DeliverResult> {
    const startedAtMs = performance.now();
    const sender = createSender({ attempt, slots, window: createPostWindow(inFlightMax), inFlightMax, stopper });
    const isInTime = () => performance.now() - startedAtMs < (sender.hasSlow() ? overtimeMs : timeSliceMs);
    const mayBegin = () => !isStopping && !stopper.signal.aborted && !sender.hasFailed() && isInTime();
    for (;;) {
      const wanted = sender.wantedCount();
      if (mayBegin() && wanted > 0) {
        const readAtMs = performance.now();
        sender.add(await readDueDeliveries(db, endpointId, sender.runningIds(), wanted), readAtMs);
      }
      if (mayBegin()) sender.begin();
      if (!sender.isRunning()) break;
      await sender.oneEnded(queryIntervalMs);
    }
    const result = sender.result();
    if (!mayBegin() && !stopper.signal.aborted) await enqueueAgain();
    crashAt("delivery.before-completion");
    return { ...result, durationMs: Math.round(performance.now() - startedAtMs) };
  }

  return {
    serve: async (endpointId, enqueueAgain) => {
      if (served.has(endpointId)) return nothing;
      const stopper = new AbortController();
      served.set(endpointId, stopper);
      const lock = postsLock(endpointId);
      try {
        if (!(await locks.take(lock))) return nothing;
        return await serveAlone(endpointId, stopper, enqueueAgain).finally(() => locks.giveBack(lock));
      } finally {
        served.delete(endpointId);
      }
    },
    stopEndpoint,
    stopUnheard: async () => {
      if (served.size === 0) return;
      for (const endpointId of await findStoppedEndpoints(db, [...served.keys()])) stopEndpoint(endpointId);
    },
    stopAll: () => {
      for (const stopper of served.values()) stopper.abort(lockLost);
    },
    stop: () => {
      isStopping = true;
    },
  };
}
