// Finds the access codes that purchases name. Codes can be guessed, so clients that name many unknown ones have to wait.
import type { Db } from "@onsale/database/client";
import { type FoundCode, findAccessCodes } from "@onsale/database/statements/rules/access-codes";
import { hashAccessCode } from "@onsale/security/customer-hash";
import { fullBucket, type TokenBucket, takeToken } from "@onsale/security/token-bucket";
import type { FastifyReply, FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import { createAddressBuckets, rateLimited, ratePolicy } from "../access/rate-limits.ts";
import { createGroupedRead } from "../batching/grouped-read.ts";
import { ProblemError } from "../http/problem-error.ts";

/** Letters of either case are the same. */
export function digestOf(key: Buffer, code: string): Buffer {
  return hashAccessCode(key, code.toUpperCase());
}

/** @returns undefined when the event has no such code, or it is revoked */
export type FindAccessCode = (eventId: number, code: string) => Promise<FoundCode | undefined>;

type CodeRef = Readonly<{ eventId: number; digest: Buffer }>;

const slotCount = 1;
const groupSizeMax = 1_000;

/** @param key CUSTOMER_KEY */
export function createFindAccessCode(db: Db, key: Buffer | undefined): FindAccessCode {
  const keyOf = ({ eventId, digest }: CodeRef) => `${eventId} ${digest.toString("hex")}`;
  const read = createGroupedRead({
    slotCount,
    groupSizeMax,
    readAll: async (codes: readonly CodeRef[]) => {
      const found = new Map((await findAccessCodes(db, codes)).map((code) => [keyOf(code), code]));
      return (code) => found.get(keyOf(code));
    },
  });
  return (eventId, code) => {
    if (key === undefined) throw new ProblemError("customer-key-missing", customerKeyMissing);
    return read({ eventId, digest: digestOf(key, code) });
  };
}

export const customerKeyMissing = "Start the gateways and workers with CUSTOMER_KEY.";

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
