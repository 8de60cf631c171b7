// Reads what events sold from their beginning, from their orders and later transitions. It remembers what it has added
// up, and reads only what is new; many open consoles share one read. The first look at a large event reads all of it:
// a part with each call, on one connection, half of the time.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { summariseSales } from "@onsale/database/statements/events/summarise-sales";
import { readDecidedHorizon } from "@onsale/database/statements/orders/decided-horizon";
import { LRUCache } from "lru-cache";
import { createHistoryBuilder, type HistoryBuilder, rowSeconds } from "./figures/sale-history.ts";
import type { SaleHistory } from "./messages/event-messages.ts";

/** Orders and later transitions of one statement: at most 0.1 s of PostgreSQL's time. */
const pageSize = 5_000;
/** A call returns what there is after about this time. */
const readMaxMs = 1_000;
/** Calls within this time share a read. */
const freshMs = 1_000;
const eventCountMax = 100;

type Entry = {
  readonly builder: HistoryBuilder;
  /** The number through which transitions are added up. */
  through: number;
  isComplete: boolean;
  readAtMs: number;
  reading: Promise<void> | null;
};

export type HistoryReader = Readonly<{ read: (eventId: number) => Promise<SaleHistory> }>;

export function createHistoryReader(db: Db): HistoryReader {
  const entries = new LRUCache<number, Entry>({ max: eventCountMax });

  async function readOn(eventId: number, entry: Entry): Promise<void> {
    const horizon = await readDecidedHorizon(db, eventId);
    const query = { eventId, from: null, to: null, intervalSeconds: rowSeconds };
    const endsAtMs = performance.now() + readMaxMs;
    entry.isComplete = entry.through >= horizon.seq;
    while (!entry.isComplete && performance.now() < endsAtMs) {
      const begunAtMs = performance.now();
      const page = await summariseSales(db, query, { after: entry.through, through: horizon.seq }, pageSize);
      for (const row of page.rows) entry.builder.add(row);
      entry.through = page.through;
      entry.isComplete = entry.through >= horizon.seq;
      if (!entry.isComplete) await delay(performance.now() - begunAtMs);
    }
  }

  function refresh(eventId: number, entry: Entry): Promise<void> {
    entry.reading ??= readOn(eventId, entry).finally(() => {
      entry.readAtMs = performance.now();
      entry.reading = null;
    });
    return entry.reading;
  }

  return {
    read: async (eventId) => {
      const entry = entries.get(eventId) ?? createEntry();
      entries.set(eventId, entry);
      const isFresh = entry.isComplete && performance.now() - entry.readAtMs < freshMs;
      if (!isFresh) await refresh(eventId, entry);
      return { ...entry.builder.present(), isComplete: entry.isComplete };
    },
  };
}

function createEntry(): Entry {
  const builder = createHistoryBuilder();
  return { builder, through: 0, isComplete: false, readAtMs: Number.NEGATIVE_INFINITY, reading: null };
}
