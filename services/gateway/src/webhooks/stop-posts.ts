// Makes sure that nothing more is posted to an endpoint that was just disabled.
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

/** Resolves when no notifier posts to the endpoint, or after 9 s. The endpoint must be disabled already. */
export type UntilPostsStopped = (endpointId: string) => Promise<void>;

type Wait = {
  /** When the last request came, which was after it had disabled the endpoint. */
  joinedAtMs: number;
  readonly ended: Promise<void>;
};

/** Requests that wait for the same endpoint at the same time share their queries. */
export function createPostsWait(db: Db): UntilPostsStopped {
  const waits = new Map<string, Wait>();

  /** An answer that was asked for before the last request came says nothing about that one. */
  async function waitForAll(endpointId: string): Promise<void> {
    for (let pauseMs = pauseMinMs; ; pauseMs = Math.min(2 * pauseMs, pauseMaxMs)) {
      const askedAtMs = performance.now();
      const isFree = await isWithoutPosts(db, endpointId);
      const { joinedAtMs = askedAtMs } = waits.get(endpointId) ?? {};
      if (isFree && joinedAtMs <= askedAtMs) return;
      if (performance.now() > joinedAtMs + waitMaxMs) return;
      await delay(pauseMs);
    }
  }

  return (endpointId) => {
    const joinedAtMs = performance.now();
    const known = waits.get(endpointId);
    if (known !== undefined) {
      known.joinedAtMs = joinedAtMs;
      return known.ended;
    }
    const ended = waitForAll(endpointId).finally(() => waits.delete(endpointId));
    waits.set(endpointId, { joinedAtMs, ended });
    return ended;
  };
}
