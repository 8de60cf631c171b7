import type { Transition } from "@onsale/contracts/order";
import type { TransitionRow } from "@onsale/database/statements/transitions/read-history";

/** A transition as the API shows it. */
export function presentTransition({ at, from, to, version, actor, reason, items }: TransitionRow): Transition {
  return {
    at: at.toISOString(),
    from,
    to,
    version,
    actor,
    reason,
    ...(items === null ? {} : { items: [...items] }),
  };
}
