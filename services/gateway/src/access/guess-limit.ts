// Access codes can be guessed, so clients that name many unknown ones have to wait.
import { fullBucket, type TokenBucket, takeToken } from "@onsale/security/token-bucket";
import type { FastifyReply, FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import { createAddressBuckets, rateLimited, ratePolicy } from "./rate-limits.ts";

/** 20 wrong codes at once, and then one every 3 s; to hit one of 1,000 codes of 80 bits takes longer than the universe. */
const policy = ratePolicy("access-codes", 20, 60);
const actorCountMax = 10_000;

/** Counts the unknown codes that a client names: by its address, and by its API key. */
export function createGuessLimit() {
  const bucketOfAddress = createAddressBuckets(policy);
  const bucketsOfActors = new LRUCache<string, TokenBucket>({ max: actorCountMax });

  function bucketsOf({ ip, accountId, actor }: FastifyRequest, nowMs: number): TokenBucket[] {
    const name = `${accountId} ${actor}`;
    const known = bucketsOfActors.get(name) ?? fullBucket(policy.limit, nowMs);
    bucketsOfActors.set(name, known);
    return [bucketOfAddress(ip, nowMs), known];
  }

  return {
    /** @throws ProblemError `rate-limited` when the client has named too many unknown codes */
    check: (request: FastifyRequest, reply: FastifyReply): void => {
      const nowMs = performance.now();
      for (const bucket of bucketsOf(request, nowMs)) {
        // Takes nothing: only unknown codes count.
        const copy = { ...bucket };
        if (!takeToken(copy, policy.limit, nowMs)) throw rateLimited(reply, policy, copy, "unknown access codes");
      }
    },
    noteUnknown: (request: FastifyRequest): void => {
      const nowMs = performance.now();
      for (const bucket of bucketsOf(request, nowMs)) takeToken(bucket, policy.limit, nowMs);
    },
  };
}

export type GuessLimit = ReturnType<typeof createGuessLimit>;
