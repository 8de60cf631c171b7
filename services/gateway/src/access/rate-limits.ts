// Rate limits, told to clients as in draft-ietf-httpapi-ratelimit-headers-10. Every gateway process counts for itself:
// asking another one would cost more than the requests that are limited.
//
// @fastify/rate-limit was not taken: it has the three header fields of the drafts before, and stores of its own.

import { addressGroup } from "@onsale/security/client-address";
import {
  fullBucket,
  type RateLimit,
  secondsUntilFull,
  secondsUntilToken,
  type TokenBucket,
} from "@onsale/security/token-bucket";
import type { FastifyReply } from "fastify";
import { LRUCache } from "lru-cache";
import { ProblemError } from "../http/problem-error.ts";

/** A limit by its name, the same for every client. */
export type RatePolicy = Readonly<{ name: string; limit: RateLimit; field: string }>;

export function ratePolicy(name: string, quota: number, windowSeconds: number): RatePolicy {
  return { name, limit: { quota, windowSeconds }, field: `"${name}";q=${quota};w=${windowSeconds}` };
}

/** Tells a client what its limit leaves it. */
export function describeRate(reply: FastifyReply, { name, limit, field }: RatePolicy, bucket: TokenBucket): void {
  const remaining = Math.floor(bucket.tokens);
  reply.header("ratelimit-policy", field);
  reply.header("ratelimit", `"${name}";r=${remaining};t=${secondsUntilFull(bucket, limit)}`);
}

/** The problem of a client that has no token left, when its headers are set. */
export function tooMany(reply: FastifyReply, policy: RatePolicy, bucket: TokenBucket, what: string): ProblemError {
  const seconds = secondsUntilToken(bucket, policy.limit);
  describeRate(reply, policy, bucket);
  reply.header("retry-after", String(seconds));
  return new ProblemError("rate-limited", `Too many ${what}. Try again in ${seconds} s.`);
}

const addressCountMax = 20_000;

/** A bucket for each address; of many addresses, those that were not heard of for longest are forgotten. */
export function createAddressBuckets({ limit }: RatePolicy) {
  const buckets = new LRUCache<string, TokenBucket>({ max: addressCountMax });
  /** @param address undefined for a connection that is closed already */
  return (address: string | undefined, nowMs: number): TokenBucket => {
    const group = address === undefined ? "" : addressGroup(address);
    const known = buckets.get(group);
    if (known !== undefined) return known;
    const bucket = fullBucket(limit, nowMs);
    buckets.set(group, bucket);
    return bucket;
  };
}
