import { classify, errorCode } from "@onsale/database/errors";
import { createThrottle } from "@onsale/lifecycle/throttle";
import type { Logger } from "@onsale/observability/logger";

const queryCanceled = "57014";

/** Whether PostgreSQL was reached but took too long: it cancelled the statement, or its answer did not come in time. */
export function isTimeout(error: Error): boolean {
  return errorCode(error) === queryCanceled || error.message.startsWith("Query read timeout");
}

/** Whether no connection of the pool became free in time. */
export function isPoolExhausted(error: Error): boolean {
  return error.message.startsWith("timeout exceeded when trying to connect");
}

/** @param part the part of the service that met the error, such as what of the console's state could not be read */
export type FailureLog = (error: Error, part: string) => void;

/**
 * Logs failed queries, by kind, each kind at most once in five seconds: a lost connection has other causes than a
 * statement that takes too long.
 */
export function createFailureLog(logger: Logger): FailureLog {
  const warnSeldom = (text: string) =>
    createThrottle((failure: Readonly<{ err: Error; part: string }>) => logger.warn(failure, text));
  const warnTimeout = warnSeldom("a query timed out; it is retried");
  const warnPoolExhausted = warnSeldom("a query found no free connection in time; it is retried");
  const warnConnection = warnSeldom("a connection failed; it is opened again");
  const warnOther = warnSeldom("a query failed; it is retried");
  return (err, part) => {
    if (isTimeout(err)) warnTimeout({ err, part });
    else if (isPoolExhausted(err)) warnPoolExhausted({ err, part });
    else if (classify(err) === "unavailable") warnConnection({ err, part });
    else warnOther({ err, part });
  };
}
