// Reads the events that the console shows: the busiest, and those that clients ask for by id. An event counts as busy
// when workers announced decisions of it within the last 10 s, or when it is among the events of the newest orders. So
// a ranking costs the same however many events there are.
import type { Decided } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import { type EventName, findRecentEvents } from "@onsale/database/statements/events/find-events";
import { readExpiring } from "@onsale/database/statements/events/read-expiring";
import { type RuledSaleRow, readRuledSales } from "@onsale/database/statements/events/read-sales";
import { LRUCache } from "lru-cache";
import { type SaleSample, saleRateBetween } from "./figures/sale-rate.ts";
import { paceSpanMs, type SoldSample, steadyPace } from "./figures/steady-pace.ts";
import type { EventLine } from "./messages/messages.ts";
import type { Names } from "./names.ts";

/** The stream shows this many events; a search finds the others. */
const busiestCountMax = 60;
const eventCountMax = 10_000;
/** Rates are measured over this span. */
const spanMs = 3_000;
const recentMs = 10_000;
/** Between the samples of the steady pace: its span has 60 of them. */
const paceSampleMs = 2_000;
/** Holds that end within this time are shown apart. */
const expiringSeconds = 60;

/** `weight` is a moving sum of decided orders: each ranking halves what earlier ones counted. */
type Activity = { decided: number; decidedAtRanking: number; weight: number; lastMs: number };

type Rates = Pick<EventLine, "soldPerSecond" | "decidedPerSecond" | "steadyPerSecond">;

export type EventReader = Readonly<{
  noteDecided: (decided: Decided) => void;
  /** Ranks the events again, and returns the ids of the busiest, the busiest first. */
  rank: () => Promise<readonly number[]>;
  /** Reads the busiest events and the given ones. */
  readShown: (alsoIds: readonly number[]) => Promise<EventLine[]>;
  /** Reads any events, in the order of the ids. */
  readAny: (ids: readonly number[]) => Promise<EventLine[]>;
}>;

/** @param lookupDb connections for `readAny`, so that slow searches cannot delay the stream */
export function createEventReader(db: Db, lookupDb: Db, names: Names): EventReader {
  const activities = new LRUCache<number, Activity>({ max: eventCountMax });
  const samplesByEvent = new LRUCache<number, readonly SaleSample[]>({ max: eventCountMax });
  const paceByEvent = new LRUCache<number, readonly SoldSample[]>({ max: eventCountMax });
  let busiest: readonly number[] = [];

  function present(row: RuledSaleRow, expiring: ReadonlyMap<string, number>): EventLine[] {
    const event = names.event(row.eventId);
    return event === undefined ? [] : [{ ...presentLine(event, row, expiring), ...addSample(row) }];
  }

  /** Adds a sample of an event, and returns the rates since the oldest sample in the span. */
  function addSample({ eventId, inventory }: RuledSaleRow): Rates {
    const sold = inventory.reduce((sum, stock) => sum + stock.sold, 0);
    const sample = { atMs: performance.now(), sold, decided: activities.peek(eventId)?.decided ?? 0 };
    const recent = (samplesByEvent.get(eventId) ?? []).filter(({ atMs }) => atMs > sample.atMs - spanMs);
    samplesByEvent.set(eventId, [...recent, sample]);
    return { ...saleRateBetween(recent[0], sample), steadyPerSecond: paceOf(eventId, sample) };
  }

  /** Adds a sample unless the last one is too near. */
  function paceOf(eventId: number, { atMs, sold }: SaleSample): number | null {
    const recent = (paceByEvent.get(eventId) ?? []).filter((sample) => sample.atMs > atMs - paceSpanMs);
    const isDue = atMs - (recent.at(-1)?.atMs ?? 0) >= paceSampleMs;
    const samples = isDue ? [...recent, { atMs, sold }] : recent;
    paceByEvent.set(eventId, samples);
    const pace = steadyPace(samples);
    // Rounded, so that an event whose pace hardly changes is not sent again.
    return pace === null ? null : Number(pace.toPrecision(2));
  }

  async function readLines(from: Db, ids: readonly number[]): Promise<EventLine[]> {
    if (ids.length === 0) return [];
    // Starts to fetch the names that are not cached, while the sales are read.
    for (const id of ids) names.event(id);
    const [sales, expiring] = await Promise.all([readRuledSales(from, ids), readExpiringByType(from, ids)]);
    const rows = new Map(sales.map((row) => [row.eventId, row]));
    await names.settled();
    return ids.flatMap((id) => {
      const row = rows.get(id);
      return row === undefined ? [] : present(row, expiring);
    });
  }

  return {
    noteDecided: ({ eventId, count }) => {
      const known = activities.peek(eventId) ?? { decided: 0, decidedAtRanking: 0, weight: 0 };
      activities.set(eventId, { ...known, decided: known.decided + count, lastMs: performance.now() });
    },
    rank: async () => {
      for (const activity of activities.values()) {
        activity.weight = activity.weight / 2 + activity.decided - activity.decidedAtRanking;
        activity.decidedAtRanking = activity.decided;
      }
      const since = performance.now() - recentMs;
      const decided = [...activities.entries()]
        .map(([id, { weight, lastMs }]) => ({ id, weight, lastMs }))
        .filter(({ lastMs }) => lastMs > since)
        .sort((one, other) => other.weight - one.weight || other.id - one.id);
      const recent = await findRecentEvents(db, busiestCountMax);
      busiest = [...new Set([...decided.map(({ id }) => id), ...recent])].slice(0, busiestCountMax);
      return busiest;
    },
    readShown: (alsoIds) => readLines(db, [...new Set([...busiest, ...alsoIds])]),
    readAny: (ids) => readLines(lookupDb, ids),
  };
}

function presentLine(event: EventName, row: RuledSaleRow, expiring: ReadonlyMap<string, number>) {
  return {
    id: event.id,
    code: event.code,
    name: event.name,
    accountName: event.accountName,
    startTime: event.startTime.toISOString(),
    saleState: row.saleState,
    opensAt: row.salesStart?.toISOString() ?? null,
    closesAt: row.salesEnd?.toISOString() ?? null,
    inventory: row.inventory.map((stock) => ({
      ...stock,
      // The two statements see different moments.
      expiring: Math.min(stock.held, expiring.get(keyOf(row.eventId, stock.ticketType)) ?? 0),
    })),
    pools: row.pools,
    pending: row.pending,
  };
}

async function readExpiringByType(from: Db, ids: readonly number[]): Promise<ReadonlyMap<string, number>> {
  const rows = await readExpiring(from, ids, expiringSeconds);
  return new Map(rows.map(({ eventId, ticketType, ticketCount }) => [keyOf(eventId, ticketType), ticketCount]));
}

function keyOf(eventId: number, ticketType: string): string {
  return `${eventId} ${ticketType}`;
}
