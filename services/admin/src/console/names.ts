// A cache of names for ids: the names of events, and the origins of endpoint URLs. A lookup returns at once what is
// cached. It also starts to fetch what is missing or older than a minute, in one query with the other lookups of the
// same turn.
import type { Db } from "@onsale/database/client";
import { type EventName, nameEvents } from "@onsale/database/statements/events/find-events";
import { nameEndpoints } from "@onsale/database/statements/webhooks/summarise-webhooks";
import { LRUCache } from "lru-cache";

export type Names = Readonly<{
  event: (id: number) => EventName | undefined;
  /** Scheme, host and port of an endpoint's URL. */
  endpoint: (id: string) => string | undefined;
  /** Resolves when all names that were looked up are cached, as far as they exist. Never rejects. */
  settled: () => Promise<void>;
}>;

const nameCountMax = 20_000;
const freshMs = 60_000;
/** Of ids in one query. */
const batchCountMax = 1_000;

/** @param onError called when a query failed; the next lookup tries again */
export function createNames(db: Db, onError: (error: Error) => void): Names {
  const events = createLookup((ids: readonly number[]) => nameEvents(db, ids), onError);
  const endpoints = createLookup((ids: readonly string[]) => nameEndpoints(db, ids), onError);
  return {
    event: events.find,
    endpoint: (id) => endpoints.find(id)?.origin,
    settled: async () => {
      await Promise.all([events.settled(), endpoints.settled()]);
    },
  };
}

function createLookup<Id extends number | string, Row extends Readonly<{ id: Id }>>(
  fetchRows: (ids: readonly Id[]) => Promise<readonly Row[]>,
  onError: (error: Error) => void,
) {
  const cache = new LRUCache<Id, Readonly<{ row: Row | undefined; atMs: number }>>({ max: nameCountMax });
  const missing = new Set<Id>();
  let fetching: Promise<void> | undefined;

  async function fetchAll(): Promise<void> {
    // Gathers the other lookups of this turn.
    await Promise.resolve();
    while (missing.size > 0) {
      const ids = [...missing].slice(0, batchCountMax);
      for (const id of ids) missing.delete(id);
      const rows = new Map((await fetchRows(ids)).map((row) => [row.id, row]));
      for (const id of ids) cache.set(id, { row: rows.get(id), atMs: performance.now() });
    }
  }

  return {
    find: (id: Id): Row | undefined => {
      const found = cache.get(id);
      if (found === undefined || performance.now() - found.atMs > freshMs) {
        missing.add(id);
        fetching ??= fetchAll()
          .catch(onError)
          .finally(() => {
            fetching = undefined;
          });
      }
      return found?.row;
    },
    settled: async (): Promise<void> => fetching,
  };
}
