// The events that people see: those that are sold at present, and those that somebody looks at more closely. An event
// counts as busy when a worker says that it decided orders of it, and when it is among those of the newest orders. So
// looking costs the same however many events there are.
import type { Decided } from "@onsale/database/channels";
import type { Db } from "@onsale/database/client";
import { findRecentEvents } from "@onsale/database/statements/events/find-events";
import { readSales, type SaleRow } from "@onsale/database/statements/events/read-sales";
import { LRUCache } from "lru-cache";
import type { EventLine } from "./messages.ts";
import type { Names } from "./names.ts";
import { paceBetween, type Reading } from "./sale-rate.ts";

/** Shown at a time; the rest is searched for. */
export const busiestCountMax = 60;
const activityCountMax = 10_000;
const spanMs = 3_000;
const recentlyMs = 10_000;

/** `pace` is what was decided lately, where what was longer ago counts less. */
type Activity = { decided: number; decidedAtRanking: number; pace: number; lastMs: number };

export type EventBoard = Readonly<{
  noteDecided: (decided: Decided) => void;
  /** Finds out anew which events are the busiest, and in which order they are shown. */
  rank: () => Promise<readonly number[]>;
  /** How the sales of the busiest events, and of these, stand. */
  read: (alsoIds: readonly number[]) => Promise<EventLine[]>;
  /** How the sales of any events stand, in the order of the ids. */
  look: (ids: readonly number[]) => Promise<EventLine[]>;
}>;

/** @param lookupDb for what people look up, who must not keep the board itself waiting */
export function createEventBoard(db: Db, lookupDb: Db, names: Names): EventBoard {
  const activities = new LRUCache<number, Activity>({ max: activityCountMax });
  const readings = new LRUCache<number, readonly Reading[]>({ max: activityCountMax });
  let busiest: readonly number[] = [];

  function present(row: SaleRow): EventLine[] {
    const name = names.event(row.eventId);
    if (name === undefined) return [];
    const { id, code, accountName } = name;
    const rate = note(row);
    return [
      {
        ...{ id, code, name: name.name, accountName, startTime: name.startTime.toISOString() },
        inventory: row.inventory,
        pending: row.pending,
        ...rate,
      },
    ];
  }

  /** Notes where an event stands, and returns how fast it got there. */
  function note({ eventId, inventory }: SaleRow): Pick<EventLine, "soldPerSecond" | "decidedPerSecond"> {
    const sold = inventory.reduce((sum, stock) => sum + stock.sold, 0);
    const now = { atMs: performance.now(), sold, decided: activities.peek(eventId)?.decided ?? 0 };
    const recent = (readings.get(eventId) ?? []).filter(({ atMs }) => atMs > now.atMs - spanMs);
    readings.set(eventId, [...recent, now]);
    return paceBetween(recent[0], now);
  }

  async function readLines(from: Db, ids: readonly number[]): Promise<EventLine[]> {
    if (ids.length === 0) return [];
    for (const id of ids) names.event(id);
    const rows = new Map((await readSales(from, ids)).map((row) => [row.eventId, row]));
    await names.settled();
    return ids.flatMap((id) => {
      const row = rows.get(id);
      return row === undefined ? [] : present(row);
    });
  }

  return {
    noteDecided: ({ eventId, count }) => {
      const known = activities.peek(eventId) ?? { decided: 0, decidedAtRanking: 0, pace: 0 };
      activities.set(eventId, { ...known, decided: known.decided + count, lastMs: performance.now() });
    },
    rank: async () => {
      for (const activity of activities.values()) {
        activity.pace = activity.pace / 2 + activity.decided - activity.decidedAtRanking;
        activity.decidedAtRanking = activity.decided;
      }
      const since = performance.now() - recentlyMs;
      const decided = [...activities.entries()]
        .map(([id, { pace, lastMs }]) => ({ id, pace, lastMs }))
        .filter(({ lastMs }) => lastMs > since)
        .sort((one, other) => other.pace - one.pace || other.id - one.id);
      const recent = await findRecentEvents(db, busiestCountMax);
      busiest = [...new Set([...decided.map(({ id }) => id), ...recent])].slice(0, busiestCountMax);
      return busiest;
    },
    read: (alsoIds) => readLines(db, [...new Set([...busiest, ...alsoIds])]),
    look: (ids) => readLines(lookupDb, ids),
  };
}
