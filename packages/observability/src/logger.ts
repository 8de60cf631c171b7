import pino, { type Logger } from "pino";
import pretty from "pino-pretty";

export type { Logger };

/**
 * JSON lines on stdout, or coloured ones when a person is watching. Written at once, so that the last words of a dying
 * process are not lost; the hot path does not log.
 */
export function createLogger(service: string, level: string): Logger {
  const options = { level, base: { service, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  if (!process.stdout.isTTY) return pino(options, pino.destination({ dest: 1, sync: true }));
  return pino(
    options,
    pretty({ colorize: true, ignore: "pid,service", messageFormat: "{service}: {msg}", sync: true }),
  );
}
