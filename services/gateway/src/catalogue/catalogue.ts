import type { Db } from "@onsale/database/client";
import { type CatalogueRow, type EventRef, findCatalogue } from "@onsale/database/statements/events/find-catalogue";
import { LRUCache } from "lru-cache";
import { createGroupedRead } from "../batching/grouped-read.ts";
import { ProblemError } from "../http/problem-error.ts";

/** What a purchase has to know of an event. */
export type CatalogueEvent = Readonly<{ id: number; code: string; ticketTypes: ReadonlySet<string> }>;

/** The events that this gateway has met lately, so that a purchase need not ask the database for them. */
export type Catalogue = Readonly<{
  /** @returns undefined when the account has no such event */
  find: (accountId: number, code: string) => Promise<CatalogueEvent | undefined>;
  /** Forgets an event that was created or changed. */
  forget: (accountId: number, code: string) => void;
  /** Takes an announcement of such a change by any gateway: `<account id>:<event code>`. */
  onChanged: (payload: string) => void;
  /** Forgets everything, after changes may have been missed. */
  forgetAll: () => void;
}>;

const eventCountMax = 10_000;
/** Events that are met in the same moment share a query: when a sale opens, a gateway has met none of them yet. */
const slotCount = 2;
const groupCountMax = 1_000;
/** While changes are announced to this gateway, an entry is right until it is forgotten. */
const announcedFreshMs = 60_000;
/** While they are not, and for codes that do not exist, an entry is trusted this long; changes show within 1 s. */
const unannouncedFreshMs = 500;

type Entry = {
  answer: Promise<CatalogueEvent | undefined>;
  /** Whether the answer is an event, not unknown or on its way. */
  isKnown: boolean;
  freshUntil: number;
};

/** @param isAnnounced whether this gateway is told of changes at this moment */
export function createCatalogue(db: Db, isAnnounced: () => boolean): Catalogue {
  const entries = new LRUCache<string, Entry>({ max: eventCountMax });

  const load = createGroupedRead({
    slotCount,
    groupCountMax,
    readAll: async (events: readonly EventRef[]) => {
      const byKey = new Map((await findCatalogue(db, events)).map((row) => [keyOf(row), toEvent(row)]));
      return (event) => byKey.get(keyOf(event));
    },
  });

  /** A known event goes on as it was meanwhile, and when it fails: events are never deleted, and buyers need not wait. */
  function reload(entry: Entry, event: EventRef): void {
    const loading = load(event);
    entry.freshUntil = Number.POSITIVE_INFINITY;
    if (!entry.isKnown) entry.answer = loading;
    // An entry that is forgotten while it loads stays forgotten: only this object is touched here.
    loading.then(
      (found) => {
        entry.answer = loading;
        entry.isKnown = found !== undefined;
        entry.freshUntil = Date.now() + (entry.isKnown && isAnnounced() ? announcedFreshMs : unannouncedFreshMs);
      },
      () => {
        entry.freshUntil = entry.isKnown ? Date.now() + unannouncedFreshMs : 0;
      },
    );
  }

  function entryOf(key: string): Entry {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { answer: Promise.resolve(undefined), isKnown: false, freshUntil: 0 };
    entries.set(key, entry);
    return entry;
  }

  return {
    find: (accountId, code) => {
      const event = { accountId, code };
      const entry = entryOf(keyOf(event));
      if (entry.freshUntil <= Date.now()) reload(entry, event);
      return entry.answer;
    },
    forget: (accountId, code) => void entries.delete(keyOf({ accountId, code })),
    onChanged: (payload) => void entries.delete(payload),
    forgetAll: () => entries.clear(),
  };
}

/** The same text as in the announcements. */
function keyOf({ accountId, code }: EventRef): string {
  return `${accountId}:${code}`;
}

function toEvent({ id, code, ticketTypes }: CatalogueRow): CatalogueEvent {
  return { id, code, ticketTypes: new Set(ticketTypes) };
}

/** @throws ProblemError `event-not-found` */
export async function requireCatalogueEvent(
  catalogue: Catalogue,
  accountId: number,
  code: string,
): Promise<CatalogueEvent> {
  const event = await catalogue.find(accountId, code);
  if (event === undefined) throw new ProblemError("event-not-found", `No event has the code ${code}.`);
  return event;
}
