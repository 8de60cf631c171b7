import { setTimeout as delay } from "node:timers/promises";

const pauseMinMs = 10;
const pauseMaxMs = 100;

/** A tenth of the time that was waited so far: many questions cost processor time, which slows what is waited for. */
const pauseMs = (waitedMs: number) => Math.min(pauseMaxMs, Math.max(pauseMinMs, waitedMs / 10));

/**
 * Polls until there is an answer.
 *
 * @param question returns null or undefined while there is no answer; an error that it throws counts as no answer
 * @throws Error after `timeoutMs` without an answer, with the last error as its cause
 */
export async function until<T extends NonNullable<unknown>>(
  what: string,
  question: () => Promise<T | null | undefined> | T | null | undefined,
  timeoutMs = 15_000,
): Promise<T> {
  let lastError: unknown;
  for (const startedAtMs = Date.now(); Date.now() < startedAtMs + timeoutMs; ) {
    try {
      const answer = await question();
      if (answer !== null && answer !== undefined) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await delay(pauseMs(Date.now() - startedAtMs));
  }
  throw new Error(`waited ${timeoutMs} ms in vain until ${what}`, { cause: lastError });
}

/** Like `until`, for a condition. */
export async function untilTrue(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs?: number,
): Promise<void> {
  await until(what, async () => ((await condition()) ? true : null), timeoutMs);
}
