import { createThrottle } from "@onsale/lifecycle/throttle";
import type { Logger } from "@onsale/observability/logger";

/** Logs for which event tickets cannot be put on sale or offered; every round comes upon it again. */
export function logFailedReturns(logger: Logger): (eventId: number, error: unknown) => void {
  const log = createThrottle((details: object) => {
    logger.error(details, "tickets of an event cannot be put on sale again (at most one such line in 5 s)");
  });
  return (eventId, err) => log({ err, eventId });
}
