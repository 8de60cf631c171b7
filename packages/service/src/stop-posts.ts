// Waits until nothing more is posted to a webhook endpoint that was disabled.
//
// The notifiers are told by NOTIFY. They withdraw the posts that they have not sent yet, let those that they have sent
// be answered for 2 s, cut the rest, and give back the endpoint's lock. A notifier that was frozen or cut off cannot do
// that; then the wait ends after 9 s. By then it may not begin a post either, because more than 8 s have passed since
// it read that the endpoint was enabled (permit.ts in services/notifier); only what it had sent before that is left.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { isWithoutPosts } from "@onsale/database/statements/webhooks/posts-lock";

/** Longer than a permit, and shorter than a server that closes waits for its requests (10 s). */
const waitMaxMs = 9_000;
const pauseMinMs = 20;
const pauseMaxMs = 250;

type Wait = {
  /** When the last request came, which was after it had disabled the endpoint. */
  joinedAtMs: number;
  readonly ended: Promise<void>;
};

/**
 * @returns waits, after an endpoint was disabled, until no notifier posts to it, or 9 s have passed. Requests that wait
 *   for the same endpoint at the same time share their queries.
 */
export function createPostsStopped(db: Db): (endpointId: string) => Promise<void> {
  const waits = new Map<string, Wait>();

  async function waitForAll(endpointId: string): Promise<void> {
    try {
      for (let pauseMs = pauseMinMs; ; pauseMs = Math.min(2 * pauseMs, pauseMaxMs)) {
        const askedAtMs = performance.now();
        const isFree = await isWithoutPosts(db, endpointId);
        const { joinedAtMs = askedAtMs } = waits.get(endpointId) ?? {};
        // An answer that was asked for before the last request came says nothing about that one.
        if (isFree && joinedAtMs <= askedAtMs) return;
        if (performance.now() > joinedAtMs + waitMaxMs) return;
        await delay(pauseMs);
      }
    } finally {
      // At once, so that nobody joins a wait that has ended.
      waits.delete(endpointId);
    }
  }

  return (endpointId) => {
    const joinedAtMs = performance.now();
    const known = waits.get(endpointId);
    if (known === undefined) {
      const ended = waitForAll(endpointId);
      waits.set(endpointId, { joinedAtMs, ended });
      return ended;
    }
    known.joinedAtMs = joinedAtMs;
    return known.ended;
  };
}
