// Rate limits, shown to clients as in draft-ietf-httpapi-ratelimit-headers-10. Every gateway process counts for itself:
// a shared count would cost more than the requests that it limits.
//
// Rejected: @fastify/rate-limit, which sends the three header fields of earlier drafts and brings its own stores.

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

/** A named limit, the same for every client; `field` is its `RateLimit-Policy` header. */
export type RatePolicy = Readonly<{ name: string; limit: RateLimit; field: string }>;

export function ratePolicy(name: string, quota: number, windowSeconds: number): RatePolicy {
  return { name, limit: { quota, windowSeconds }, field: `"${name}";q=${quota};w=${windowSeconds}` };
}

/** Shows a client its limit, and how many requests are left. */
export function setRateHeaders(reply: FastifyReply, { name, limit, field }: RatePolicy, bucket: TokenBucket): void {
  const remaining = Math.floor(bucket.tokens);
  reply.header("ratelimit-policy", field);
  reply.header("ratelimit", `"${name}";r=${remaining};t=${secondsUntilFull(bucket, limit)}`);
}

/** Sets the headers for a client without tokens, and returns its problem. */
export function rateLimited(reply: FastifyReply, policy: RatePolicy, bucket: TokenBucket, what: string): ProblemError {
  const seconds = secondsUntilToken(bucket, policy.limit);
  setRateHeaders(reply, policy, bucket);
  reply.header("retry-after", String(seconds));
  return new ProblemError("rate-limited", `Too many ${what}. Try again in ${seconds} s.`);
}

const addressCountMax = 20_000;

/** A token bucket per client address. Of more addresses than the maximum, the least recently used ones are dropped. */
export function createAddressBuckets({ limit }: RatePolicy) {
  const buckets = new LRUCache<string, TokenBucket>({ max: addressCountMax });
  /** @param address undefined when the connection is closed already */
  return (address: string | undefined, nowMs: number): TokenBucket => {
    const group = address === undefined ? "" : addressGroup(address);
    const known = buckets.get(group);
    if (known !== undefined) return known;
    const bucket = fullBucket(limit, nowMs);
    buckets.set(group, bucket);
    return bucket;
  };
}
