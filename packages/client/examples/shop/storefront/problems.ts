// What goes wrong, as the page's SDK understands it: problem details (RFC 9457) with a code.
import { OnsaleError, ProblemError } from "@onsale/client";
import { type Answer, BadRequest } from "../http.ts";

/** Our own API key is refused: nothing that a buyer can change, or should read. */
const privateStatuses: readonly number[] = [401, 403];

/** Longer than the page's SDK repeats a purchase by itself, so that the page tells its buyer, and then tries again. */
const comeBackMs = 5_000;

/** An answer with a problem of the shop itself. */
export function problemAnswer(
  status: number,
  code: string,
  detail: string,
  retryAfterMs: number | null = null,
): Answer {
  const problem = {
    type: `urn:onsale:problem:${code}`,
    title: code,
    status,
    detail,
    instance: "",
    code,
    requestId: "",
    retryable: status >= 429,
  };
  return toAnswer(status, problem, retryAfterMs);
}

/** The answer for an error. What a browser cannot know, such as an error of the payment provider, is only logged. */
export function answerError(error: unknown): Answer {
  if (error instanceof BadRequest) return problemAnswer(error.status, "validation-failed", error.message);
  if (!(error instanceof OnsaleError)) {
    console.error(error);
    return problemAnswer(503, "dependency-unavailable", "Something does not work at the moment.", comeBackMs);
  }
  // The calls that repeat themselves say at their deadline why the last try failed.
  const reason = error instanceof ProblemError ? error : error.cause;
  if (reason instanceof ProblemError && !privateStatuses.includes(reason.status)) {
    return toAnswer(reason.status, reason.problem, reason.retryAfterMs);
  }
  return problemAnswer(503, "dependency-unavailable", "The ticket office does not answer at the moment.", comeBackMs);
}

function toAnswer(status: number, problem: object, retryAfterMs: number | null): Answer {
  const retryAfter = retryAfterMs === null ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) };
  return { status, body: problem, headers: { "content-type": "application/problem+json", ...retryAfter } };
}
