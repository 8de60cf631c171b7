// Sends a request until it has an answer that counts, records each attempt, and repeats as a shop does.
import { setTimeout as delay } from "node:timers/promises";
import type { Answer, Gateway, RequestOptions } from "../../demo/gateway.ts";
import type { Ask, History } from "../history.ts";

export type Patience = Readonly<{ waitSeconds?: number; patienceMs?: number }>;

/** @returns undefined when there was no answer in time: what became of the request stays unknown */
export type SendUntilAnswered = (
  ask: Ask,
  send: (gateway: Gateway, options: RequestOptions) => Promise<Answer>,
  patience?: Patience,
) => Promise<Answer | undefined>;

type SendingOptions = Readonly<{
  history: History;
  /** Chooses the gateway of the next attempt. */
  pick: () => Gateway;
  random: () => number;
  /** Who has no answer by then gives up. */
  patienceUsualMs: number;
}>;

const answerWithinMs = 6_000;
const pauseMinMs = 50;
const pauseMaxMs = 1_500;
/** Problems that may end by themselves, but that tell the buyer what they came for. */
const answers: readonly string[] = ["sold-out", "sale-not-open", "sale-paused"];

export function createSending({ history, pick, random, patienceUsualMs }: SendingOptions): SendUntilAnswered {
  return async (ask, send, { waitSeconds, patienceMs = patienceUsualMs } = {}) => {
    const endsAt = performance.now() + patienceMs;
    const withinMs = answerWithinMs + 1_000 * (waitSeconds ?? 0);
    for (let attempt = 0; ; attempt++) {
      const signal = AbortSignal.timeout(withinMs);
      const options = { signal, ...(waitSeconds === undefined ? {} : { waitSeconds }) };
      const answer = await history.record(ask, () => send(pick(), options));
      if (answer !== undefined && isFinal(answer)) return answer;
      const pauseMs = Math.min(pauseMaxMs, pauseMinMs * 2 ** attempt) * (0.5 + random());
      if (performance.now() + pauseMs > endsAt) return undefined;
      await delay(pauseMs);
    }
  };
}

function isFinal(answer: Answer): boolean {
  if (answer.kind !== "problem") return true;
  const { code, retryable, status } = answer.problem;
  return answers.includes(code) || (!retryable && status < 500 && status !== 429);
}
