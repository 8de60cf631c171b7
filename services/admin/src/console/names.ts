// What ids are called: events by their codes, endpoints by where they are. Asked for at once and answered from memory;
// what is not known yet is fetched, all of one moment together, and known when it is asked for again.
import type { Db } from "@onsale/database/client";
import { type EventName, nameEvents } from "@onsale/database/statements/events/find-events";
import { nameEndpoints } from "@onsale/database/statements/webhooks/summarise-webhooks";
import { LRUCache } from "lru-cache";

export type Names = Readonly<{
  event: (id: number) => EventName | undefined;
  /** Scheme, host and port of an endpoint. */
  endpoint: (id: string) => string | undefined;
  /** Resolves when everything that was asked for is known, as far as it exists. */
  settled: () => Promise<void>;
}>;

const nameCountMax = 20_000;
const freshMs = 60_000;
/** One question has at most so many ids in it. */
const askedCountMax = 1_000;

/** @param onError told when the database cannot be asked; it is asked again with the next question */
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
  const known = new LRUCache<Id, Readonly<{ row: Row | undefined; atMs: number }>>({ max: nameCountMax });
  const asked = new Set<Id>();
  let fetching: Promise<void> | undefined;

  async function fetchAll(): Promise<void> {
    // Whoever asks in this turn is answered by the same query.
    await Promise.resolve();
    while (asked.size > 0) {
      const ids = [...asked].slice(0, askedCountMax);
      for (const id of ids) asked.delete(id);
      const rows = new Map((await fetchRows(ids)).map((row) => [row.id, row]));
      for (const id of ids) known.set(id, { row: rows.get(id), atMs: performance.now() });
    }
  }

  return {
    find: (id: Id): Row | undefined => {
      const found = known.get(id);
      if (found === undefined || performance.now() - found.atMs > freshMs) {
        asked.add(id);
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
