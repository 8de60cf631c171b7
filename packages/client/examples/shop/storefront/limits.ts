// What one browser may take from the others. Behind a proxy, let the proxy count addresses: here all are the proxy's.
import { ProblemError } from "@onsale/client";

const guessesMax = 10;
const guessWindowMs = 60_000;
const addressesMax = 10_000;

/** A call, with the access code that it names, if it names one. */
type CodedCall<T> = Readonly<{ address: string; accessCode: string | undefined; call: () => Promise<T> }>;

/** Makes a call, unless it names an access code and its address has named too many wrong ones within the minute. */
export type GuessLimit = <T>(coded: CodedCall<T>) => Promise<T | "too-many">;

/**
 * Of one address, until a time. `openCount` calls with a code have no answer yet; those of `waiting` have not begun.
 */
type Guesses = { wrongCount: number; openCount: number; readonly waiting: (() => void)[]; readonly endsAtMs: number };

export function createGuessLimit(): GuessLimit {
  const guesses = new Map<string, Guesses>();

  function guessesOf(address: string): Guesses {
    const known = guesses.get(address);
    if (known !== undefined && known.endsAtMs > performance.now()) return known;
    const begun = { wrongCount: 0, openCount: 0, waiting: [], endsAtMs: performance.now() + guessWindowMs };
    guesses.delete(address);
    guesses.set(address, begun);
    const [oldest] = guesses.keys();
    if (guesses.size > addressesMax && oldest !== undefined) guesses.delete(oldest);
    return begun;
  }

  return async ({ address, accessCode, call }) => {
    if (accessCode === undefined) return call();
    const own = guessesOf(address);
    // A call without an answer may be wrong: otherwise one could make all guesses at the same moment.
    while (own.wrongCount + own.openCount >= guessesMax) {
      if (own.wrongCount >= guessesMax) return "too-many";
      await new Promise<void>((resolve) => own.waiting.push(resolve));
    }
    own.openCount++;
    let isWrong = false;
    try {
      return await call();
    } catch (error) {
      isWrong = error instanceof ProblemError && error.code === "access-code-not-found";
      throw error;
    } finally {
      own.openCount--;
      if (isWrong) own.wrongCount++;
      const wokenCount = own.wrongCount >= guessesMax ? own.waiting.length : Number(!isWrong);
      for (const wake of own.waiting.splice(0, wokenCount)) wake();
    }
  };
}

/** Takes one of the places for streams, and returns how to give it back; undefined when none is left. */
export type StreamPlaces = (owner: string) => (() => void) | undefined;

/** @param perOwnerMax one browser's tabs share their streams, so that it needs few */
export function createStreamPlaces(max: number, perOwnerMax: number): StreamPlaces {
  const taken = new Map<string, number>();
  let count = 0;
  return (owner) => {
    const own = taken.get(owner) ?? 0;
    if (count >= max || own >= perOwnerMax) return undefined;
    count++;
    taken.set(owner, own + 1);
    return () => {
      count--;
      const rest = (taken.get(owner) ?? 1) - 1;
      if (rest === 0) taken.delete(owner);
      else taken.set(owner, rest);
    };
  };
}
