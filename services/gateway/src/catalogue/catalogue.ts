// Caches the events that purchases name, with their ticket types, so that a purchase needs no query for them. Gateways
// announce every change of an event. While this gateway receives announcements, it trusts an event for 60 s, or until a
// change of it is announced; otherwise, and for unknown codes, for 500 ms, so that changes show within 1 s.
import type { Price } from "@onsale/contracts/price";
import type { Db } from "@onsale/database/client";
import {
  type CatalogueRow,
  type CatalogueType,
  type EventRef,
  findCatalogue,
} from "@onsale/database/statements/events/find-catalogue";
import { intersect, type SaleWindow, windowBetween } from "@onsale/domain/sale-window";
import { LRUCache } from "lru-cache";
import { createGroupedRead } from "../batching/grouped-read.ts";
import { ProblemError } from "../http/problem-error.ts";

/** What a purchase needs to know of an event. */
export type CatalogueEvent = Readonly<{
  id: number;
  code: string;
  window: SaleWindow;
  isPaused: boolean;
  isCancelled: boolean;
  /** The most tickets of one order; null without that limit. */
  maxPerOrder: number | null;
  maxPerCustomer: number | null;
  /** Whether the lane keeps rules for it. */
  isRuled: boolean;
  ticketTypes: ReadonlyMap<string, CatalogueTicketType>;
}>;

export type CatalogueTicketType = Readonly<{
  price: Price | null;
  /** When both the event and this type are on sale. */
  window: SaleWindow;
  maxPerOrder: number | null;
  maxPerCustomer: number | null;
  /** Whether it is sold with an access code only. */
  isHidden: boolean;
}>;

export type Catalogue = Readonly<{
  /** @returns undefined when the account has no such event */
  find: (accountId: number, code: string) => Promise<CatalogueEvent | undefined>;
  /** Drops an event that this gateway created or changed. */
  forget: (accountId: number, code: string) => void;
  /** Takes the announcement of such a change by any gateway: `<account id>:<event code>`. */
  onChanged: (payload: string) => void;
  /** Drops everything, after announcements may have been missed. */
  forgetAll: () => void;
}>;

const eventCountMax = 10_000;
/** Loads share queries: when a sale opens, a gateway has none of its events in the cache. */
const slotCount = 2;
const groupSizeMax = 1_000;
const announcedFreshMs = 60_000;
const unannouncedFreshMs = 500;

type Entry = {
  event: Promise<CatalogueEvent | undefined>;
  /** Whether `event` is an event: neither an unknown code, nor still loading. */
  isKnown: boolean;
  freshUntilMs: number;
};

/** @param isAnnounced whether this gateway receives announcements at this moment */
export function createCatalogue(db: Db, isAnnounced: () => boolean): Catalogue {
  const entries = new LRUCache<string, Entry>({ max: eventCountMax });

  const load = createGroupedRead({
    slotCount,
    groupSizeMax,
    readAll: async (events: readonly EventRef[]) => {
      const byKey = new Map((await findCatalogue(db, events)).map((row) => [keyOf(row), toEvent(row)]));
      return (event) => byKey.get(keyOf(event));
    },
  });

  /** Purchases use a known event while it is reloaded, and when that fails: events are never deleted. */
  function reload(entry: Entry, ref: EventRef): void {
    const loading = load(ref);
    entry.freshUntilMs = Number.POSITIVE_INFINITY;
    if (!entry.isKnown) entry.event = loading;
    // Changes this entry only, so an event that was dropped while it was loading stays dropped.
    loading.then(
      (found) => {
        entry.event = loading;
        entry.isKnown = found !== undefined;
        entry.freshUntilMs = Date.now() + (entry.isKnown && isAnnounced() ? announcedFreshMs : unannouncedFreshMs);
      },
      () => {
        entry.freshUntilMs = entry.isKnown ? Date.now() + unannouncedFreshMs : 0;
      },
    );
  }

  function entryOf(key: string): Entry {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { event: Promise.resolve(undefined), isKnown: false, freshUntilMs: 0 };
    entries.set(key, entry);
    return entry;
  }

  return {
    find: (accountId, code) => {
      const ref = { accountId, code };
      const entry = entryOf(keyOf(ref));
      if (entry.freshUntilMs <= Date.now()) reload(entry, ref);
      return entry.event;
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

function toEvent(row: CatalogueRow): CatalogueEvent {
  const { id, code, salesStart, salesEnd, isRuled, ticketTypes } = row;
  const { isPaused, isCancelled, maxPerOrder, maxPerCustomer } = row;
  const window = windowBetween(salesStart, salesEnd);
  const types = new Map(ticketTypes.map((type) => [type.ticketType, toTicketType(type, window)]));
  return { id, code, window, isPaused, isCancelled, maxPerOrder, maxPerCustomer, isRuled, ticketTypes: types };
}

function toTicketType(type: CatalogueType, eventWindow: SaleWindow): CatalogueTicketType {
  const { amount, currency, salesStart, salesEnd, maxPerOrder, maxPerCustomer, isHidden } = type;
  const price = amount === null || currency === null ? null : { amount, currency };
  const window = intersect(eventWindow, windowBetween(parseTime(salesStart), parseTime(salesEnd)));
  return { price, window, maxPerOrder, maxPerCustomer, isHidden };
}

function parseTime(text: string | null): Date | null {
  return text === null ? null : new Date(text);
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
