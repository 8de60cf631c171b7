// Deliverers as a notifier process has them, without a queue.
import type { Db } from "@onsale/database/client";
import { createSharedLocks } from "@onsale/database/shared-locks";
import type { Attempt } from "@onsale/notifier/posting/attempter";
import { createDeliverer, type Deliverer } from "@onsale/notifier/serving/deliverer";
import { createPostSlots, type PostSlots } from "@onsale/notifier/serving/post-slots";
import { atEnd } from "../cleanup.ts";

/** A deliverer with a session of its own for its locks; it is ended as cleanup.ts says. */
export function createTestDeliverer(
  url: string,
  db: Db,
  attempt: Attempt,
  inFlightMax: number,
  slots: PostSlots = createPostSlots(1_000),
): Deliverer {
  const onLost = () => deliverer.stopAll();
  const locks = createSharedLocks({ url, applicationName: "onsale-test", onLost });
  atEnd(locks.close);
  const deliverer = createDeliverer(db, attempt, { locks, slots, inFlightMax });
  return deliverer;
}
