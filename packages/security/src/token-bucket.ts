// A rate limit as a token bucket: each request takes a token, and tokens are added evenly over time, up to the quota.
// So a client that sent nothing for a window may send a whole quota at once, and continues at the rate of the limit.

/** At most `quota` requests in `windowSeconds`. */
export type RateLimit = Readonly<{ quota: number; windowSeconds: number }>;

/** The tokens of one client. It is changed in place, because every request uses it. */
export type TokenBucket = { tokens: number; filledAtMs: number };

export function fullBucket({ quota }: RateLimit, nowMs: number): TokenBucket {
  return { tokens: quota, filledAtMs: nowMs };
}

/**
 * Takes a token, if there is one.
 *
 * @param nowMs may jump: a clock that is set back adds no tokens, one that is set ahead fills the bucket at most
 * @returns whether there was a token
 */
export function takeToken(bucket: TokenBucket, limit: RateLimit, nowMs: number): boolean {
  refill(bucket, limit, nowMs);
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

/** Returns a token that was taken. */
export function returnToken(bucket: TokenBucket): void {
  bucket.tokens += 1;
}

function refill(bucket: TokenBucket, { quota, windowSeconds }: RateLimit, nowMs: number): void {
  const elapsedMs = Math.max(0, nowMs - bucket.filledAtMs);
  bucket.tokens = Math.min(quota, bucket.tokens + (elapsedMs * quota) / (windowSeconds * 1_000));
  bucket.filledAtMs = nowMs;
}

/** Whole seconds, at least 1, until there is a token again. */
export function secondsUntilToken({ tokens }: TokenBucket, { quota, windowSeconds }: RateLimit): number {
  return Math.max(1, Math.ceil(((1 - tokens) * windowSeconds) / quota));
}

/** Whole seconds until the bucket is full again. */
export function secondsUntilFull({ tokens }: TokenBucket, { quota, windowSeconds }: RateLimit): number {
  return Math.ceil(((quota - tokens) * windowSeconds) / quota);
}
