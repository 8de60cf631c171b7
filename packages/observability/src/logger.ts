// The log of a process.
import pino, { type Logger } from "pino";

export type { Logger };

// 30 files that only a terminal needs.
const pretty = process.stdout.isTTY ? (await import("pino-pretty")).default : undefined;

/**
 * Creates a logger that writes JSON lines to stdout, or coloured lines when stdout is a terminal. It writes
 * synchronously, so that the last lines of a process that crashes are not lost; the hot path does not log.
 *
 * @param level as in LOG_LEVEL
 */
export function createLogger(service: string, level: string): Logger {
  const options = { level, base: { service, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  if (pretty === undefined) return pino(options, pino.destination({ dest: 1, sync: true }));
  return pino(
    options,
    pretty({ colorize: true, ignore: "pid,service", messageFormat: "{service}: {msg}", sync: true }),
  );
}
