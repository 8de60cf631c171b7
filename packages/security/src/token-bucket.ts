// A rate limit as a bucket of tokens: each request takes one, and they come back evenly, never more than a full bucket.
// So whoever was quiet may send a whole window's requests at once, and goes on at the pace of the limit.

/** So many requests in so many seconds. */
export type RateLimit = Readonly<{ quota: number; windowSeconds: number }>;

/** What is left for one client; changed in place, because it is on the way of every request. */
export type TokenBucket = { tokens: number; filledAtMs: number };

export function fullBucket({ quota }: RateLimit, nowMs: number): TokenBucket {
  return { tokens: quota, filledAtMs: nowMs };
}

/**
 * Takes a token, if there is one.
 *
 * @param nowMs a clock that may jump: back, and no tokens come; ahead, and the bucket is full at most
 * @returns whether there was
 */
export function takeToken(bucket: TokenBucket, limit: RateLimit, nowMs: number): boolean {
  refill(bucket, limit, nowMs);
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

/** Gives a token back that was taken. */
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
