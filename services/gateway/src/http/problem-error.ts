import { type ProblemCode, problemCatalogue, type ValidationFault } from "@onsale/contracts/problem";

type ProblemOptions = Readonly<{ faults?: readonly ValidationFault[]; cause?: unknown }>;

/** Ends a request with a problem of the catalogue. `detail` goes to the client and says nothing internal. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly faults: readonly ValidationFault[] | undefined;

  constructor(code: ProblemCode, detail: string = `${problemCatalogue[code].title}.`, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = "ProblemError";
    this.code = code;
    this.faults = options.faults;
  }
}
