// The log of a process.
import pino, { type Logger } from "pino";
import { prettyLine } from "./pretty-line.ts";

export type { Logger };

/** `auto`: a readable line for each message when stdout is a terminal, JSON otherwise. */
export type LogFormat = "auto" | "json" | "pretty";

export type LogOptions = Readonly<{
  format?: LogFormat;
  /** Describes an error that the process survives by itself, in one sentence; undefined for any other error. */
  describeFault?: (error: unknown) => string | undefined;
}>;

/**
 * Creates a logger that writes to stdout. It writes synchronously, so that the last lines of a process that crashes are
 * not lost; the hot path does not log.
 *
 * An error that is logged as `err` becomes the sentence `fault` when `describeFault` knows it. Any other error may be a
 * bug, and keeps its stack.
 *
 * @param level as in LOG_LEVEL
 */
export function createLogger(service: string, level: string, options: LogOptions = {}): Logger {
  const { format = "auto", describeFault = () => undefined } = options;
  const settings = {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: (fields: Record<string, unknown>) => withFault(fields, describeFault) },
  };
  const stdout = pino.destination({ dest: 1, sync: true });
  const { isTTY } = process.stdout;
  if (format === "json" || (format === "auto" && !isTTY)) return pino(settings, stdout);
  // Node's own answer takes NO_COLOR, FORCE_COLOR and terminals without colours into account.
  const hasColours = isTTY && process.stdout.hasColors();
  return pino(settings, { write: (line: string) => stdout.write(prettyLine(line, hasColours)) });
}

function withFault(fields: Record<string, unknown>, describe: (error: unknown) => string | undefined) {
  const { err, ...others } = fields;
  const fault = err === undefined ? undefined : describe(err);
  return fault === undefined ? fields : { ...others, fault };
}
