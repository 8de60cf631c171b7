// A permit to post a delivery. It ends when the endpoint is disabled or deleted, and by itself some seconds after the
// database said that the endpoint is enabled: a process that was frozen or cut off from the database for longer, and
// so could not be told, begins no post either.
export type Permit = Readonly<{
  /**
   * Aborted when nothing more may be posted to the endpoint; with the reason `lockLost` when that is no fault of it.
   */
  stopped: AbortSignal;
  /** When it ends by itself, by the clock of `performance.now()`. */
  endsAtMs: number;
  /** The time of day by the database's clock, in milliseconds since 1970: the clock of a process may be wrong. */
  nowMs: () => number;
}>;

/** Why a permit ended: this process lost the endpoint's lock, so that a gateway no longer knows of its posts. */
export const lockLost = Symbol("the lock of the endpoint was lost");

/**
 * How long after the read of its delivery a post may still begin: longer than the delivery waits for its turn and the
 * post for its connection, shorter than a gateway waits for the notifiers when an endpoint is deleted (stop-posts.ts).
 */
const permitMs = 8_000;

/**
 * @param readAt the database's clock when it said that the endpoint is enabled
 * @param readAtMs `performance.now()` just before it was asked
 */
export function createPermit(stopped: AbortSignal, readAt: Date, readAtMs: number): Permit {
  return {
    stopped,
    endsAtMs: readAtMs + permitMs,
    nowMs: () => readAt.getTime() + (performance.now() - readAtMs),
  };
}

export function isValid({ stopped, endsAtMs }: Permit): boolean {
  return !stopped.aborted && performance.now() < endsAtMs;
}
