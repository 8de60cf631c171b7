import type { Problem, ProblemCode } from "./wire.ts";

/** Every error that the API or the way to it is the reason of. */
export abstract class OnsaleError extends Error {
  /** Whether the same call may succeed later. */
  abstract readonly retryable: boolean;
}

/** No answer, or only a part of one: the request may have arrived or not. The reason is the `cause`. */
export class NetworkError extends OnsaleError {
  override readonly name = "NetworkError";
  override readonly retryable = true;
}

/** The API answered with a problem, or something on the way to it answered with an error of its own. */
export class ProblemError extends OnsaleError {
  override readonly name = "ProblemError";
  /** RFC 9457 problem details; made up, with the code `unexpected-answer`, when the answer was none. */
  readonly problem: Problem;
  /** How long the server asked to wait before another try, in milliseconds; null when it did not. */
  readonly retryAfterMs: number | null;

  constructor(problem: Problem, retryAfterMs: number | null = null) {
    super(`${problem.detail} (${problem.status} ${problem.code})`);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  /** The HTTP status. */
  get status(): number {
    return this.problem.status;
  }

  /** The slug to switch on. */
  get code(): ProblemCode {
    return this.problem.code;
  }

  override get retryable(): boolean {
    // A 429 says by itself that it is only too early.
    return this.problem.retryable || this.status === 429;
  }
}

/**
 * The deadline of a purchase came before any answer did, so it may be recorded or not. To find out, and buy once at
 * most, purchase the same again with `idempotencyKey`. The `cause` is what the last try met.
 */
export class PurchaseDeadlineError extends OnsaleError {
  override readonly name = "PurchaseDeadlineError";
  override readonly retryable = true;
  readonly idempotencyKey: string;

  constructor(idempotencyKey: string, cause: unknown) {
    super(`No answer in time; purchase again with the idempotency key ${idempotencyKey}`, { cause });
    this.idempotencyKey = idempotencyKey;
  }
}

/** Whether a call that failed like this may succeed when it is made again. */
export function isRetryable(error: unknown): boolean {
  return error instanceof OnsaleError && error.retryable;
}
