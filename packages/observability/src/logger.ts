import pino, { type Logger } from "pino";
import pretty from "pino-pretty";

export type { Logger };

/**
 * Creates a logger that writes JSON lines to stdout, or coloured lines when stdout is a terminal. It writes
 * synchronously, so that the last lines of a process that crashes are not lost; the hot path does not log.
 *
 * @param level as in LOG_LEVEL
 */
export function createLogger(service: string, level: string): Logger {
  const options = { level, base: { service, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  if (!process.stdout.isTTY) return pino(options, pino.destination({ dest: 1, sync: true }));
  return pino(
    options,
    pretty({ colorize: true, ignore: "pid,service", messageFormat: "{service}: {msg}", sync: true }),
  );
}
