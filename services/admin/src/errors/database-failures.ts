import { classify, errorCode } from "@onsale/database/errors";
import { createThrottle } from "@onsale/lifecycle/throttle";
import type { Logger } from "@onsale/observability/logger";

const statementTimeout = "57014";

/** Whether PostgreSQL was there and took too long: it gave the statement up, or its answer did not come in time. */
export function isTimeout(error: Error): boolean {
  return errorCode(error) === statementTimeout || error.message.startsWith("Query read timeout");
}

/** Whether all connections of a pool were in use for too long. */
export function isCrowded(error: Error): boolean {
  return error.message.startsWith("timeout exceeded when trying to connect");
}

export type FailureLog = (error: Error, part?: string) => void;

/**
 * Logs what could not be asked as what it is, each kind once in five seconds: whoever reads of a connection looks for
 * another fault than whoever reads of a statement that takes too long.
 */
export function createFailureLog(logger: Logger): FailureLog {
  const seldom = (text: string) =>
    createThrottle(({ err, part }: Readonly<{ err: Error; part: string | undefined }>) => {
      logger.warn({ err, ...(part === undefined ? {} : { part }) }, text);
    });
  const timeout = seldom("PostgreSQL takes too long to answer a question; it is asked again");
  const crowded = seldom("a question waited too long for a connection; it is asked again");
  const connection = seldom("a connection failed; it is made again");
  const other = seldom("a question failed; it is asked again");
  return (err, part) => {
    if (isTimeout(err)) timeout({ err, part });
    else if (isCrowded(err)) crowded({ err, part });
    else if (classify(err) === "unavailable") connection({ err, part });
    else other({ err, part });
  };
}
