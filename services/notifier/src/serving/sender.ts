// Makes attempts at the deliveries of one endpoint, some at the same time, and counts how they end.
import type { DueDelivery } from "@onsale/database/statements/deliveries/read-due-deliveries";
import { createWakeSignal } from "@onsale/lifecycle/wake-signal";
import type { Attempt } from "../posting/attempter.ts";
import { createPermit } from "../posting/permit.ts";
import type { PostSlots } from "./post-slots.ts";
import type { PostWindow } from "./post-window.ts";
import { createPostsInFlight } from "./posts-in-flight.ts";

export type SenderOptions = Readonly<{
  attempt: Attempt;
  slots: PostSlots;
  window: PostWindow;
  /** Posts in flight at most. */
  inFlightMax: number;
  /** Aborted when nothing more may be posted to the endpoint; by the sender itself after an answer 410. */
  stopper: AbortController;
}>;

/** Deliveries that wait for longer than this after they were read are read again. */
const readyMaxMs = 2_000;

export function createSender({ attempt, slots, window, inFlightMax, stopper }: SenderOptions) {
  const posts = createPostsInFlight(window, inFlightMax);
  const { wake, sleep } = createWakeSignal();
  let ready: readonly DueDelivery[] = [];
  let readAtMs = 0;
  let delivered = 0;
  let failed = 0;
  let firstError: unknown;

  async function send(delivery: DueDelivery): Promise<void> {
    const { id, accountId, readAt } = delivery;
    posts.begin(id);
    let deliveredAfterMs: number | undefined;
    try {
      const permit = createPermit(stopper.signal, readAt, readAtMs);
      const { kind, durationMs } = await attempt(delivery, permit, () => stopper.abort());
      if (kind === "withdrawn") return;
      window.note(kind === "delivered", durationMs);
      if (kind === "delivered") {
        deliveredAfterMs = durationMs;
        delivered++;
      } else failed++;
    } catch (error) {
      firstError ??= error;
    } finally {
      posts.end(id, deliveredAfterMs);
      slots.giveBack(accountId);
      wake();
    }
  }

  const isReady = () => ready.length > 0 && performance.now() - readAtMs < readyMaxMs;
  return {
    /** How many deliveries to read now: enough for two rounds of answers. 0 while there are some, or no room. */
    wantedCount: () => (isReady() || !posts.hasRoom() ? 0 : 2 * window.size()),
    runningIds: posts.ids,
    /** @param atMs `performance.now()` just before the deliveries were read */
    add: (deliveries: readonly DueDelivery[], atMs: number) => {
      ready = deliveries;
      readAtMs = atMs;
    },
    /** Begins as many attempts as the receiver can take and the account may have. */
    begin: () => {
      let begun = 0;
      for (const delivery of ready) {
        if (!isReady() || !posts.hasRoom() || !slots.take(delivery.accountId)) break;
        begun++;
        void send(delivery);
      }
      ready = ready.slice(begun);
    },
    /** Resolves when an attempt has ended, or after this time. */
    oneEnded: (ms: number) => sleep(ms),
    isRunning: () => posts.ids().length > 0,
    /** Whether the receiver keeps an attempt waiting. */
    hasSlow: posts.hasSlow,
    hasFailed: () => firstError !== undefined,
    /** @throws the error of an attempt that could not be recorded */
    result: () => {
      if (firstError !== undefined) throw firstError;
      return { delivered, failed };
    },
  };
}
