// Makes sure that nothing more is posted to an endpoint that was just disabled.
//
// The notifiers are told by NOTIFY. They withdraw the posts that they have not sent yet, let those that they have sent
// be answered for 2 s, cut the rest, and give back the endpoint's lock. A notifier that was frozen or cut off cannot do
// that; then the wait ends after 10 s. By then it may not begin a post either, because more than 8 s have passed since
// it read that the endpoint was enabled (permit.ts in services/notifier); only what it had sent before that is left.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { isWithoutPosts } from "@onsale/database/statements/webhooks/posts-lock";

const waitMaxMs = 10_000;
const pauseMs = 20;

/** Resolves when no notifier posts to the endpoint, or after 10 s. The endpoint must be disabled already. */
export async function untilPostsStopped(db: Db, endpointId: string): Promise<void> {
  for (const endsAtMs = performance.now() + waitMaxMs; performance.now() < endsAtMs; ) {
    if (await isWithoutPosts(db, endpointId)) return;
    await delay(pauseMs);
  }
}
