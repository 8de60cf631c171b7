// Classifies database errors, and repeats what contention broke.
import { setTimeout as delay } from "node:timers/promises";
import { noPrimary } from "./connection/no-primary.ts";

/**
 * What kind of failure a database error is, by what the caller can do about it.
 *
 * - `contention`: two transactions conflicted; the same work can succeed when it is run again.
 * - `unavailable`: PostgreSQL cannot be reached or cannot serve now: it is read-only, its disk is full, ...
 * - `stock-changed`: another worker decided first (SQLSTATE OS001, raised by our own statements).
 * - `data`: this input cannot be stored; running it again gives the same error.
 * - `other`: everything else, such as a missing table.
 */
export type FailureKind = "contention" | "unavailable" | "stock-changed" | "data" | "other";

const contentionStates = new Set(["40001", "40P01", "55P03"]);
/**
 * Apart from a time-out, nothing that a statement could have done differently: the session or the server is unfit. A
 * full disk, memory and limits are class 53. 0A000 is "cached plan must not change result type".
 */
const unavailableStates = new Set([
  "0A000",
  "25006",
  "25P03",
  "25P04",
  "26000",
  "42P05",
  "57014",
  "57P01",
  "57P02",
  "57P03",
  "57P05",
]);
/** Errors of the operating system: ECONNREFUSED, EMFILE and the like, but not Node's own ERR_... */
const systemError = /^E(?!RR_)[A-Z0-9_]+$/;
/** How the messages of errors begin that node-postgres and Kysely throw without a code. */
const unavailableMessages = [
  "Connection terminated",
  "timeout exceeded when trying to connect",
  "Query read timeout",
  "Client has encountered a connection error",
  "Client was closed",
  noPrimary,
  // The pool is closed: the process is stopping.
  "driver has already been destroyed",
  "Cannot use a pool after calling end on the pool",
];

/** The SQLSTATE of a PostgreSQL error, else the code of a system error, else "". */
export function errorCode(error: unknown): string {
  if (error instanceof AggregateError) return errorCode(error.errors[0]);
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

/** Class 08: connections; class 53: insufficient resources. */
const unavailableClasses = /^(?:08|53)[0-9A-Z]{3}$/;

function hasUnavailableMessage({ message }: Error): boolean {
  return unavailableMessages.some((beginning) => message.startsWith(beginning));
}

/** The kind of an error that a statement threw; callers treat each kind differently. */
export function classify(error: unknown): FailureKind {
  const code = errorCode(error);
  if (contentionStates.has(code)) return "contention";
  if (unavailableStates.has(code) || unavailableClasses.test(code) || systemError.test(code)) return "unavailable";
  if (code === "OS001") return "stock-changed";
  if (/^(22|23|P0)/.test(code)) return "data";
  if (code === "" && error instanceof Error && hasUnavailableMessage(error)) return "unavailable";
  return "other";
}

const attemptCountMax = 6;
const backoffMinMs = 10;
const backoffMaxMs = 500;

/**
 * Runs a transaction, and again after a conflict with another one: at most 5 more times, after 10 to 500 ms with
 * jitter.
 *
 * @param run the whole transaction; PostgreSQL has rolled it back before it is run again
 * @param onRetry called before each retry, with the SQLSTATE
 * @throws the last error, of whatever kind
 */
export async function withContentionRetries<T>(run: () => Promise<T>, onRetry: (sqlstate: string) => void): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (classify(error) !== "contention" || attempt >= attemptCountMax) throw error;
      onRetry(errorCode(error));
      const ceilingMs = Math.min(backoffMaxMs, backoffMinMs * 4 ** attempt);
      await delay(backoffMinMs + Math.random() * (ceilingMs - backoffMinMs));
    }
  }
}
