import { describeStartFailure } from "@onsale/service/supervision";
import { plain } from "./text.ts";

/** Why something could not be reached or used, in one line; what to do is said by whoever asks. */
export function whyOf(error: unknown): string {
  return plain(describeStartFailure(innermost(error)).replace(/; is the (database or Redis|host's name) .*$/, ""));
}

/** What was wrong in the first place: fetch wraps it. */
function innermost(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? innermost(error.cause) : error;
}
