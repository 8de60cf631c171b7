import type { Db } from "@onsale/database/client";
import { getEvent } from "@onsale/database/statements/get-events";
import { LRUCache } from "lru-cache";
import { ProblemError } from "./problem-error.ts";

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
/** While changes are announced to this gateway, an entry is right until it is forgotten. */
const announcedFreshMs = 60_000;
/** While they are not, and for codes that do not exist, an entry is trusted this long; changes show within 1 s. */
const unannouncedFreshMs = 500;

type Entry = { loading: Promise<CatalogueEvent | undefined>; freshUntil: number };

/** @param isAnnounced whether this gateway is told of changes at this moment */
export function createCatalogue(db: Db, isAnnounced: () => boolean): Catalogue {
  const entries = new LRUCache<string, Entry>({ max: eventCountMax });

  async function load(accountId: number, code: string): Promise<CatalogueEvent | undefined> {
    const event = await getEvent(db, accountId, code);
    if (event === undefined) return undefined;
    return { id: event.id, code: event.code, ticketTypes: new Set(event.ticketTypes.map((type) => type.ticketType)) };
  }

  function remember(key: string, accountId: number, code: string): Entry {
    const entry: Entry = { loading: load(accountId, code), freshUntil: Number.POSITIVE_INFINITY };
    entries.set(key, entry);
    // An entry that is forgotten while it loads stays forgotten: only this object is touched here.
    entry.loading.then(
      (event) => {
        const freshMs = event !== undefined && isAnnounced() ? announcedFreshMs : unannouncedFreshMs;
        entry.freshUntil = Date.now() + freshMs;
      },
      () => {
        entry.freshUntil = 0;
      },
    );
    return entry;
  }

  // The same text as in the announcements.
  const keyOf = (accountId: number, code: string) => `${accountId}:${code}`;
  return {
    find: (accountId, code) => {
      const key = keyOf(accountId, code);
      const known = entries.get(key);
      const entry = known !== undefined && known.freshUntil > Date.now() ? known : remember(key, accountId, code);
      return entry.loading;
    },
    forget: (accountId, code) => void entries.delete(keyOf(accountId, code)),
    onChanged: (payload) => void entries.delete(payload),
    forgetAll: () => entries.clear(),
  };
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
