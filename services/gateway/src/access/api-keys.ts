// Caches the API keys that clients send, so that most requests need no query for theirs.
//
// - A key is looked up at most every 25 s, so a revoked key is accepted for at most that long. After 12 s, its next use
//   starts a lookup without waiting for it. While the database is unavailable, a key is accepted until its 25 s are
//   over.
// - A revoked or expired key is cached, too: a client that keeps sending it causes no queries.
// - Texts that are no key are cached apart, so that many of them do not push existing keys out of the cache.
// - The hash of a key is compared in constant time with the one in the database. Only texts that passed are in the
//   cache; the time of finding one there depends on a seeded hash of the text.
import { timingSafeEqual } from "node:crypto";
import type { Db } from "@onsale/database/client";
import { type ApiKeyRow, findApiKeys } from "@onsale/database/statements/access/find-api-keys";
import { recordApiKeyUse } from "@onsale/database/statements/access/record-api-key-use";
import { parseApiKey } from "@onsale/security/api-key";
import { fullBucket, type TokenBucket } from "@onsale/security/token-bucket";
import { LRUCache } from "lru-cache";
import { createGroupedRead } from "../batching/grouped-read.ts";
import { createGrouper } from "../batching/grouper.ts";
import type { RatePolicy } from "./rate-limits.ts";

/** A key that exists; it may be revoked or expired (`isUsable`). */
export type ApiKey = {
  /** The public part. */
  readonly id: string;
  readonly accountId: number;
  readonly scopes: ReadonlySet<string>;
  readonly isRevoked: boolean;
  /** Since 1970. */
  readonly expiresAtMs: number;
  /** The tokens of its rate limit, if there is one; the next lookup keeps them. */
  readonly bucket: TokenBucket | undefined;
  readonly freshUntilMs: number;
  refreshAtMs: number;
};

export type ApiKeys = Readonly<{
  /** The rate limit of each key, if there is one. */
  policy: RatePolicy | undefined;
  /** A key that was looked up in the last 25 s; undefined when it must be looked up first. */
  cached: (text: string) => ApiKey | undefined;
  /** Whether the key was usable at its last lookup, or is being looked up. */
  mayBeUsable: (text: string) => boolean;
  /** @returns undefined for a text that is no key; rejects with the error of the query */
  find: (text: string) => Promise<ApiKey | undefined>;
  /** Waits until all uses are recorded. */
  close: () => Promise<void>;
}>;

/** The installation's own account, made by the first migration. Without API keys everything belongs to it. */
export const defaultAccountId = 1;

const keyCountMax = 10_000;
const freshMs = 25_000;
const refreshAfterMs = 12_000;
const refreshAgainAfterMs = 1_000;
const useRecordedEveryMs = 60_000;
const groupSizeMax = 1_000;

/** Whether a key may be used now. */
export function isUsable({ isRevoked, expiresAtMs }: ApiKey): boolean {
  return !isRevoked && Date.now() < expiresAtMs;
}

/**
 * @param policy the rate limit of each key, if there is one
 * @param clock monotonic milliseconds for the ages in the cache; the expiry of keys is compared with the wall clock
 */
export function createApiKeys(db: Db, policy: RatePolicy | undefined, clock = () => performance.now()): ApiKeys {
  const keys = new LRUCache<string, ApiKey>({ max: keyCountMax });
  /** Texts that are no key, and until when that is trusted. */
  const unknownUntilMs = new LRUCache<string, number>({ max: keyCountMax });
  const lookups = new Map<string, Promise<ApiKey | undefined>>();
  const uses = createUseRecorder(db, clock);
  // One query at a time, so a client that guesses keys keeps at most one connection busy.
  const read = createGroupedRead({
    slotCount: 1,
    groupSizeMax,
    readAll: async (ids: readonly string[]) => {
      const byId = new Map((await findApiKeys(db, [...new Set(ids)])).map((row) => [row.id, row]));
      return (id) => byId.get(id);
    },
  });

  async function lookUp(text: string): Promise<ApiKey | undefined> {
    const parsed = parseApiKey(text);
    if (parsed === null) return undefined;
    const startedAtMs = clock();
    const row = await read(parsed.id);
    if (row === undefined || !timingSafeEqual(row.hash, parsed.hash)) {
      keys.delete(text);
      unknownUntilMs.set(text, startedAtMs + freshMs);
      return undefined;
    }
    const bucket = keys.peek(text)?.bucket ?? (policy && fullBucket(policy.limit, startedAtMs));
    const key = toApiKey(row, bucket, startedAtMs);
    keys.set(text, key);
    if (isUsable(key)) uses.record(row.id);
    return key;
  }

  function find(text: string): Promise<ApiKey | undefined> {
    if ((unknownUntilMs.get(text) ?? 0) > clock()) return Promise.resolve(undefined);
    const lookup = lookups.get(text) ?? lookUp(text).finally(() => lookups.delete(text));
    lookups.set(text, lookup);
    return lookup;
  }

  return {
    policy,
    cached: (text) => {
      const key = keys.get(text);
      if (key === undefined) return undefined;
      const nowMs = clock();
      if (nowMs >= key.freshUntilMs) return undefined;
      // A revoked or expired key is not refreshed: its next lookup counts as a failed attempt (authenticate.ts).
      if (nowMs >= key.refreshAtMs && isUsable(key)) {
        key.refreshAtMs = nowMs + refreshAgainAfterMs;
        find(text).catch(() => undefined);
      }
      return key;
    },
    mayBeUsable: (text) => {
      const key = keys.peek(text);
      return lookups.has(text) || (key !== undefined && isUsable(key));
    },
    find,
    close: uses.close,
  };
}

function toApiKey(
  { id, accountId, scopes, revokedAt, expiresAt }: ApiKeyRow,
  bucket: TokenBucket | undefined,
  nowMs: number,
): ApiKey {
  return {
    id,
    accountId,
    scopes: new Set(scopes),
    isRevoked: revokedAt !== null,
    expiresAtMs: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
    bucket,
    freshUntilMs: nowMs + freshMs,
    refreshAtMs: nowMs + refreshAfterMs,
  };
}

/** Records when keys are used, at most once a minute each. A failed record is made up for by the key's next lookup. */
function createUseRecorder(db: Db, clock: () => number) {
  const recordedAtMs = new LRUCache<string, number>({ max: keyCountMax });
  const grouper = createGrouper<string>({
    slotCount: 1,
    groupSizeMax,
    handle: async (ids) => {
      try {
        await recordApiKeyUse(db, ids);
      } catch {
        for (const id of ids) recordedAtMs.delete(id);
      }
    },
  });
  return {
    record: (id: string) => {
      const nowMs = clock();
      if (nowMs - (recordedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < useRecordedEveryMs) return;
      recordedAtMs.set(id, nowMs);
      grouper.add(id);
    },
    close: grouper.drain,
  };
}
