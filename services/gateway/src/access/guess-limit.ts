// Access codes can be guessed, so a client that names many unknown ones has to wait, whichever request names them. A
// request takes a token before its code is looked up, and gets it back unless the code is unknown. So requests that
// come at the same time guess no more than others, and right codes cost nothing. While the tokens that are left are all
// taken, further requests wait for one to come back; they are refused when none can.
//
// A client is an API key: its requests come from a shop, for all its buyers, so it may be wrong more often. Without
// keys it is an address.
import { fullBucket, returnToken, type TokenBucket, takeToken } from "@onsale/security/token-bucket";
import type { FastifyReply, FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import { ProblemError } from "../http/problem-error.ts";
import { createAddressBuckets, type RatePolicy, rateLimited, ratePolicy } from "./rate-limits.ts";

/** Unknown codes in a minute. At the larger rate, it takes years to find one of six random letters and digits. */
const perAddress = ratePolicy("access-codes", 20, 60);
const perKey = ratePolicy("access-codes", 600, 60);
const keyCountMax = 10_000;

/** Requests of one client that have taken a token, and those that wait for one. */
type Guessing = { takenCount: number; waiting: (() => void)[] };

export type GuessLimit = Readonly<{
  /**
   * For a request that names an access code.
   *
   * @param run looks the code up, and throws `access-code-not-found` when it is unknown
   * @throws ProblemError `rate-limited` when the client has named too many unknown codes
   */
  limit: <Result>(
    request: Pick<FastifyRequest, "actor" | "ip">,
    reply: FastifyReply,
    run: () => Promise<Result>,
  ) => Promise<Result>;
}>;

/** @param hasKeys whether requests come with API keys */
export function createGuessLimit(hasKeys: boolean): GuessLimit {
  const policy = hasKeys ? perKey : perAddress;
  const bucketOf = hasKeys ? createKeyBuckets(policy) : createAddressBuckets(policy);
  const guessings = new WeakMap<TokenBucket, Guessing>();

  function guessingOf(bucket: TokenBucket): Guessing {
    const known = guessings.get(bucket) ?? { takenCount: 0, waiting: [] };
    guessings.set(bucket, known);
    return known;
  }

  async function take(bucket: TokenBucket, guessing: Guessing, reply: FastifyReply): Promise<void> {
    while (!takeToken(bucket, policy.limit, performance.now())) {
      if (guessing.takenCount === 0) throw rateLimited(reply, policy, bucket, "unknown access codes");
      await new Promise<void>((resolve) => guessing.waiting.push(resolve));
    }
    guessing.takenCount++;
  }

  function give(bucket: TokenBucket, guessing: Guessing, isBack: boolean): void {
    guessing.takenCount--;
    if (isBack) returnToken(bucket);
    // One that waits takes what came back. When nothing more can come back, all look for themselves.
    const isLast = guessing.takenCount === 0;
    for (const wake of guessing.waiting.splice(0, isLast ? guessing.waiting.length : Number(isBack))) wake();
  }

  return {
    limit: async (request, reply, run) => {
      const bucket = bucketOf(hasKeys ? request.actor : request.ip, performance.now());
      const guessing = guessingOf(bucket);
      await take(bucket, guessing, reply);
      let isUnknown = false;
      try {
        return await run();
      } catch (error) {
        isUnknown = error instanceof ProblemError && error.code === "access-code-not-found";
        throw error;
      } finally {
        give(bucket, guessing, !isUnknown);
      }
    },
  };
}

/** A token bucket for each API key. */
function createKeyBuckets({ limit }: RatePolicy) {
  const buckets = new LRUCache<string, TokenBucket>({ max: keyCountMax });
  return (actor: string, nowMs: number): TokenBucket => {
    const bucket = buckets.get(actor) ?? fullBucket(limit, nowMs);
    buckets.set(actor, bucket);
    return bucket;
  };
}
