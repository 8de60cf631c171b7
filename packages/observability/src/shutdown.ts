import type { Logger } from "./logger.ts";

/** Closes the parts of a process in the reverse order of their start. */
export type Shutdown = Readonly<{
  /** Says how to close a part that has just been started, and how long that may take. */
  add: (part: string, close: () => unknown, closeMaxMs?: number) => void;
  /** Closes everything; a part that fails or hangs does not keep the others. Never throws. */
  run: () => Promise<void>;
}>;

const usualCloseMaxMs = 10_000;

type Part = Readonly<{ part: string; close: () => unknown; closeMaxMs: number }>;

export function createShutdown(logger: Logger): Shutdown {
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
    add: (part, close, closeMaxMs = usualCloseMaxMs) => parts.push({ part, close, closeMaxMs }),
    run: async () => {
      for (let next = parts.pop(); next !== undefined; next = parts.pop()) await closePart(next);
    },
  };
}
