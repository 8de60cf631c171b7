// The API keys that this gateway has met. A key is looked up at most every 25 s, so a revoked one is taken for at most
// that long; half-way through, whoever uses it has it looked up again without waiting. One that may not be used is
// remembered as well, so that whoever goes on trying it costs no query. Texts that are no key are kept apart, so that
// many of them do not drive out the keys that are. The key itself is compared in constant time, by its hash, with what
// the database has; only one that was found there before is found again here, by a lookup whose time depends on a seeded
// hash of the text. When the database cannot be asked, keys are taken until their time is up.
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

/** A key that exists. Whether it may be used is still to be asked: it may be revoked or expired. */
export type KnownKey = {
  readonly accountId: number;
  readonly scopes: ReadonlySet<string>;
  readonly isRevoked: boolean;
  /** Since 1970. */
  readonly expiresAtMs: number;
  /** What its rate limit leaves, where there is one; kept when the key is looked up again. */
  readonly bucket: TokenBucket | undefined;
  readonly freshUntilMs: number;
  refreshAtMs: number;
};

export type ApiKeys = Readonly<{
  /** The rate limit of each key, where there is one. */
  policy: RatePolicy | undefined;
  /** A key that was looked up lately; undefined when it has to be found first. */
  known: (text: string) => KnownKey | undefined;
  /** Whether it could be used when it was looked up last, or is being looked up. */
  isMet: (text: string) => boolean;
  /** @returns undefined for a text that is no key; rejects with the error of the query */
  find: (text: string) => Promise<KnownKey | undefined>;
  /** Resolves when all uses are recorded. */
  close: () => Promise<void>;
}>;

/** The account that the first migration makes: the installation's own. Without API keys everything belongs to it. */
export const defaultAccountId = 1;

const keyCountMax = 10_000;
const trustedMs = 25_000;
const refreshAfterMs = 12_000;
const refreshAgainMs = 1_000;
const useRecordedMs = 60_000;
const groupCountMax = 1_000;

/** Whether a key may be used now. */
export function isUsable({ isRevoked, expiresAtMs }: KnownKey): boolean {
  return !isRevoked && Date.now() < expiresAtMs;
}

/**
 * @param policy the rate limit of each key, where there is one
 * @param clock milliseconds that only rise, for how long something is known; expiry is a matter of the time of day
 */
export function createApiKeys(db: Db, policy: RatePolicy | undefined, clock = () => performance.now()): ApiKeys {
  const keys = new LRUCache<string, KnownKey>({ max: keyCountMax });
  /** Until when a text is known to be no key. */
  const strangers = new LRUCache<string, number>({ max: keyCountMax });
  const finding = new Map<string, Promise<KnownKey | undefined>>();
  const noteUse = createUseRecorder(db, clock);
  // One query at a time, whoever asks: guessing keeps no more than one connection busy.
  const read = createGroupedRead({
    slotCount: 1,
    groupCountMax,
    readAll: async (ids: readonly string[]) => {
      const byId = new Map((await findApiKeys(db, [...new Set(ids)])).map((row) => [row.id, row]));
      return (id) => byId.get(id);
    },
  });

  async function lookUp(text: string): Promise<KnownKey | undefined> {
    const parsed = parseApiKey(text);
    if (parsed === null) return undefined;
    const begunAtMs = clock();
    const row = await read(parsed.id);
    if (row === undefined || !timingSafeEqual(row.hash, parsed.hash)) {
      keys.delete(text);
      strangers.set(text, begunAtMs + trustedMs);
      return undefined;
    }
    const bucket = keys.peek(text)?.bucket ?? (policy && fullBucket(policy.limit, begunAtMs));
    const key = toKnownKey(row, bucket, begunAtMs);
    keys.set(text, key);
    if (isUsable(key)) noteUse(row.id);
    return key;
  }

  function find(text: string): Promise<KnownKey | undefined> {
    if ((strangers.get(text) ?? 0) > clock()) return Promise.resolve(undefined);
    const found = finding.get(text) ?? lookUp(text).finally(() => finding.delete(text));
    finding.set(text, found);
    return found;
  }

  return {
    policy,
    known: (text) => {
      const key = keys.get(text);
      if (key === undefined) return undefined;
      const nowMs = clock();
      if (nowMs >= key.freshUntilMs) return undefined;
      // One that may not be used waits for its time to be up, and for a request that may fail.
      if (nowMs >= key.refreshAtMs && isUsable(key)) {
        key.refreshAtMs = nowMs + refreshAgainMs;
        find(text).catch(() => undefined);
      }
      return key;
    },
    isMet: (text) => {
      const key = keys.peek(text);
      return finding.has(text) || (key !== undefined && isUsable(key));
    },
    find,
    close: noteUse.drain,
  };
}

function toKnownKey(
  { accountId, scopes, revokedAt, expiresAt }: ApiKeyRow,
  bucket: TokenBucket | undefined,
  nowMs: number,
) {
  return {
    ...{ accountId, scopes: new Set(scopes), bucket },
    isRevoked: revokedAt !== null,
    expiresAtMs: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
    freshUntilMs: nowMs + trustedMs,
    refreshAtMs: nowMs + refreshAfterMs,
  };
}

/** Records when keys are used, once a minute each; a use that cannot be recorded is recorded with the next one. */
function createUseRecorder(db: Db, clock: () => number) {
  const recordedAtMs = new LRUCache<string, number>({ max: keyCountMax });
  const grouper = createGrouper<string>({
    slotCount: 1,
    groupCountMax,
    serve: async (ids) => {
      try {
        await recordApiKeyUse(db, ids);
      } catch {
        for (const id of ids) recordedAtMs.delete(id);
      }
    },
  });
  const noteUse = (id: string) => {
    const nowMs = clock();
    if (nowMs - (recordedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < useRecordedMs) return;
    recordedAtMs.set(id, nowMs);
    grouper.add(id);
  };
  return Object.assign(noteUse, { drain: grouper.drain });
}
