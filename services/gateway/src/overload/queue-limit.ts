// How many orders may be pending before further purchases are refused, and when those may come back. Pure.
//
// A line of orders, that of an event or of all events, may be as long as what is decided within PENDING_SECONDS_MAX.
// The measured rate is that of the lane only while the lane is never idle; otherwise it is that of the buyers, and says
// nothing about the lane. A line whose oldest order is younger than the time over which the rate is measured is not
// known to be busy all that time, so it is taken to be as fast as an unmeasured one.

/** A line of pending orders, as it was counted last. */
export type LineState = Readonly<{
  /** The best rate that was measured lately. */
  peakPerSecond: number;
  oldestAgeSeconds: number;
}>;

/** What a lane without a measured rate is assumed to decide in a second; domain/queue-position.ts assumes the same. */
const assumedPerSecond = 1_000;
/** As long as the measurement of decision-rate.ts. */
const measuredAfterSeconds = 5;

/**
 * How many orders of a line may be pending.
 *
 * @param pendingSeconds for how long the last one may be pending
 * @param floor so many are never refused, however slow the line is
 */
export function pendingLimit(
  { peakPerSecond, oldestAgeSeconds }: LineState,
  pendingSeconds: number,
  floor: number,
): number {
  const isMeasured = oldestAgeSeconds >= measuredAfterSeconds;
  const perSecond = isMeasured ? peakPerSecond : Math.max(peakPerSecond, assumedPerSecond);
  return Math.max(floor, Math.ceil(perSecond * pendingSeconds));
}

/**
 * Whether one more purchase of an event is too many. When all events together are over their limit, events that have no
 * more than their share of it still sell: a hot event does not close the others.
 *
 * @param busyCount how many events have pending orders
 */
export function findFull(
  event: Readonly<{ pending: number; limit: number }>,
  all: Readonly<{ pending: number; limit: number }>,
  busyCount: number,
): "event" | "all" | undefined {
  if (event.pending >= event.limit) return "event";
  if (all.pending < all.limit) return undefined;
  return event.pending >= all.limit / Math.max(1, busyCount) ? "all" : undefined;
}

/**
 * Seconds in which half of the line is decided: then there is room again, and the lane has not run out of orders.
 *
 * @param secondsMax when the line does not move, or moves slowly
 */
export function secondsUntilRoom(pending: number, perSecond: number, secondsMax: number): number {
  if (perSecond <= 0) return secondsMax;
  return Math.min(secondsMax, Math.max(1, Math.ceil(pending / 2 / perSecond)));
}
