// Steps between a request and its delivered webhook at which a process may die. The code names a step where it begins
// or ends; a test that runs the process with a watcher ends it there (test/chaos/steps). Without a watcher, which
// nothing but a test sets and no setting can, naming a step is one comparison.

/** All steps; what comes before the first dot is a part of one process. */
export const failpoints = [
  // The gateway.
  "purchase.before-insert",
  "purchase.committed",
  "purchase.before-enqueue",
  "purchase.enqueued",
  "purchase.before-answer",
  "purchase.replayed",
  "purchase.event-ruled",
  "transition.before-change",
  "transition.before-commit",
  "transition.committed",
  "transition.before-answer",
  "transition.announced",
  "transition.late-payment-recorded",
  // The worker.
  "decision.job-taken",
  "decision.read",
  "decision.before-write",
  "decision.before-commit",
  "decision.committed",
  "decision.before-completion",
  "return.found",
  "return.before-commit",
  "return.committed",
  "offer.before-commit",
  "offer.committed",
  "reconciling.before-enqueue",
  "reconciling.enqueued",
  "cancellation.before-commit",
  "cancellation.committed",
  "ended-sale.before-commit",
  "ended-sale.committed",
  // The notifier.
  "relay.before-commit",
  "relay.committed",
  "relay.enqueued",
  "delivery.before-post",
  "delivery.posted",
  "delivery.recorded",
  "delivery.before-completion",
] as const;

export type Failpoint = (typeof failpoints)[number];

let onReached: ((name: Failpoint) => void) | undefined;

/** Names the step that the process has reached. */
export function crashAt(name: Failpoint): void {
  onReached?.(name);
}

/** Has each step told from now on, before the process goes on; for tests. */
export function watchFailpoints(watch: (name: Failpoint) => void): void {
  onReached = watch;
}
