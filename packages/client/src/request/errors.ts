// The errors that this package throws, but for those of webhooks (verify-webhook.ts).
import type { OpenUnion } from "../wire/open-union.ts";
import type { OrderStatus } from "../wire/order.ts";
import type { Problem, ProblemCode } from "../wire/problem.ts";

/** An error of the API or of the network; the base class of those below. */
export abstract class OnsaleError extends Error {
  /** Whether the same call may succeed later. */
  abstract readonly retryable: boolean;
}

/** There was no complete answer, so the request may have arrived or not. The `cause` says why. */
export class NetworkError extends OnsaleError {
  override readonly name = "NetworkError";
  override readonly retryable = true;
}

/** The API answered with a problem, or a proxy answered with an error of its own. */
export class ProblemError extends OnsaleError {
  override readonly name = "ProblemError";
  /** RFC 9457 problem details. When the answer had none, they are made here, with the code `unexpected-answer`. */
  readonly problem: Problem;
  /** How many milliseconds the server asked to wait before another try; null when it did not ask. */
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

  /** The problem's code, for a `switch`. */
  get code(): ProblemCode {
    return this.problem.code;
  }

  /** The order's status, when that is why it cannot be confirmed, cancelled or extended; otherwise null. */
  get orderStatus(): OpenUnion<OrderStatus> | null {
    return this.problem.orderStatus ?? null;
  }

  /** When the sale begins, when that is why nothing is sold (`sale-not-open`); otherwise null. */
  get opensAt(): Date | null {
    return this.problem.opensAt === undefined ? null : new Date(this.problem.opensAt);
  }

  override get retryable(): boolean {
    // A 429 means that the request came too early, whatever the body says.
    return this.problem.retryable || this.status === 429;
  }
}

/**
 * A purchase had no answer before its deadline, so it may be recorded or not. To find out, repeat the same purchase
 * with `idempotencyKey`: that buys at most once. The `cause` is the error of the last try.
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

/**
 * An order was not certainly confirmed, cancelled or extended before the deadline: the request may have arrived or not,
 * or a late payment has no decision yet. Repeat the same call, with `idempotencyKey` when there is one: it changes the
 * order once at most. The `cause` is the error of the last try, if there was one.
 */
export class OrderDeadlineError extends OnsaleError {
  override readonly name = "OrderDeadlineError";
  override readonly retryable = true;
  readonly orderId: string;
  /** Of `cancel` and `extend`; null for `confirm`, which needs none. */
  readonly idempotencyKey: string | null;

  constructor(orderId: string, idempotencyKey: string | null, cause: unknown) {
    const again = idempotencyKey === null ? "again" : `again with the idempotency key ${idempotencyKey}`;
    super(`No certain answer in time about the order ${orderId}; call ${again}`, { cause });
    this.orderId = orderId;
    this.idempotencyKey = idempotencyKey;
  }
}

/** What will pass, but possibly only in minutes or days: whether to wait for that is the caller's decision. */
const answers: ReadonlySet<string> = new Set(["sold-out", "sale-not-open", "sale-paused"]);

/** Whether to repeat a call that failed with this error. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof ProblemError && answers.has(error.code)) return false;
  return error instanceof OnsaleError && error.retryable;
}
