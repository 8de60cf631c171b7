/** Closes the parts of a process in the reverse order of their start. */
export type Shutdown = Readonly<{
  /** Registers how to close a part that was just started. `closeMaxMs` is 10 s by default. */
  add: (part: string, close: () => unknown, closeMaxMs?: number) => void;
  /** Closes all parts. One that fails, or takes too long, is logged and does not stop the others. Never throws. */
  run: () => Promise<void>;
}>;

/** The part of a logger that a shutdown needs. */
type Log = Readonly<{ warn: (about: Readonly<Record<string, unknown>>, message: string) => void }>;

const defaultCloseMaxMs = 10_000;

type Part = Readonly<{ part: string; close: () => unknown; closeMaxMs: number }>;

export function createShutdown(logger: Log): Shutdown {
  const parts: Part[] = [];

  async function closePart({ part, close, closeMaxMs }: Part): Promise<void> {
    const { promise: tooLong, resolve } = Promise.withResolvers<"too long">();
    const timer = setTimeout(resolve, closeMaxMs, "too long");
    try {
      const outcome = await Promise.race([Promise.resolve(close()), tooLong]);
      if (outcome === "too long") logger.warn({ part }, "gave up waiting for a part to close");
    } catch (error) {
      logger.warn({ part, err: error }, "a part failed to close");
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    add: (part, close, closeMaxMs = defaultCloseMaxMs) => parts.push({ part, close, closeMaxMs }),
    run: async () => {
      for (let next = parts.pop(); next !== undefined; next = parts.pop()) await closePart(next);
    },
  };
}
