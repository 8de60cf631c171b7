// What one browser may take from the others. Behind a proxy, let the proxy count addresses: here all are the proxy's.
import { ProblemError } from "@onsale/client";

const guessesMax = 10;
const guessWindowMs = 60_000;
const addressesMax = 10_000;

/** A call, with the access code that it names, if it names one. */
type CodedCall<T> = Readonly<{ address: string; accessCode: string | undefined; call: () => Promise<T> }>;

/** Makes a call, unless it names an access code and its address has named too many wrong ones within the minute. */
export type GuessLimit = <T>(coded: CodedCall<T>) => Promise<T | "too-many">;

export function createGuessLimit(now: () => number = Date.now): GuessLimit {
  const wrong = new Map<string, Readonly<{ count: number; endsAtMs: number }>>();

  function countOf(address: string): number {
    const entry = wrong.get(address);
    return entry === undefined || entry.endsAtMs <= now() ? 0 : entry.count;
  }

  function note(address: string): void {
    const count = countOf(address) + 1;
    const endsAtMs = count === 1 ? now() + guessWindowMs : (wrong.get(address)?.endsAtMs ?? 0);
    wrong.delete(address);
    wrong.set(address, { count, endsAtMs });
    // The oldest entry goes.
    for (const oldest of wrong.keys()) {
      if (wrong.size <= addressesMax) break;
      wrong.delete(oldest);
    }
  }

  return async ({ address, accessCode, call }) => {
    if (accessCode !== undefined && countOf(address) >= guessesMax) return "too-many";
    try {
      return await call();
    } catch (error) {
      if (error instanceof ProblemError && error.code === "access-code-not-found") note(address);
      throw error;
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
