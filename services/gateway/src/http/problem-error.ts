import {
  type Problem,
  type ProblemCode,
  type ProblemExtra,
  problemCatalogue,
  problemType,
  type ValidationFault,
} from "@onsale/contracts/problem";

type ProblemOptions = Readonly<{
  faults?: readonly ValidationFault[];
  /** When this case differs from the catalogue. */
  retryable?: boolean;
  /** Further members of the problem (RFC 9457, 3.2). */
  extra?: ProblemExtra;
  /** The `Retry-After` of a 503; 1 by default. */
  retryAfterSeconds?: number;
  cause?: unknown;
}>;

/** Ends a request with a problem of the catalogue. The client sees `detail`: it must not contain anything internal. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly faults: readonly ValidationFault[] | undefined;
  readonly retryable: boolean;
  readonly extra: ProblemExtra;
  readonly retryAfterSeconds: number;

  constructor(code: ProblemCode, detail: string = `${problemCatalogue[code].title}.`, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = "ProblemError";
    this.code = code;
    this.faults = options.faults;
    this.retryable = options.retryable ?? problemCatalogue[code].retryable;
    this.extra = options.extra ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds ?? 1;
  }
}

/** The body of a problem response (RFC 9457). */
export function problemBody(code: ProblemCode, detail: string, instance: string, requestId: string): Problem {
  const { status, title, retryable } = problemCatalogue[code];
  return { type: problemType(code), title, status, detail, instance, code, requestId, retryable };
}
