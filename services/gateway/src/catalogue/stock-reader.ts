// Reads the stock of events for answers. To count held tickets PostgreSQL reads a row for each hold (6 to 14 ms for
// 100,000), so while an event has many of them, one count serves everybody who asks within 250 ms. The stock of other
// events is read each time.
import type { Db } from "@onsale/database/client";
import { getInventory, type InventoryRow } from "@onsale/database/statements/events/get-inventory";
import { LRUCache } from "lru-cache";

type Stock = readonly InventoryRow[];

export type StockReader = Readonly<{
  /** The stock of an event; while many of its tickets are held, as of a query that began within the last 250 ms. */
  read: (eventId: number) => Promise<Stock>;
  /** Takes what a query found that began at this time of `performance.now()`. */
  note: (eventId: number, stock: Stock, begunAtMs: number) => void;
  /** Drops what is known, because this gateway has changed the event's stock. */
  forget: (eventId: number) => void;
}>;

/** From this many held tickets on, to count them takes more than the rest of an answer. */
export const manyHeld = 5_000;
const freshMs = 250;
const eventCountMax = 10_000;

type Known = Readonly<{ stock: Promise<Stock>; begunAtMs: number }>;

function hasManyHeld(stock: Stock): boolean {
  let count = 0;
  for (const { held } of stock) count += held;
  return count >= manyHeld;
}

export function createStockReader(db: Db): StockReader {
  /** The events with many held tickets. */
  const knownById = new LRUCache<number, Known>({ max: eventCountMax });
  let lastForgottenAtMs = Number.NEGATIVE_INFINITY;

  function note(eventId: number, stock: Stock, begunAtMs: number): void {
    if (begunAtMs <= lastForgottenAtMs) return;
    if (!hasManyHeld(stock)) knownById.delete(eventId);
    else if (begunAtMs >= (knownById.get(eventId)?.begunAtMs ?? begunAtMs)) {
      knownById.set(eventId, { stock: Promise.resolve(stock), begunAtMs });
    }
  }

  async function readNow(eventId: number): Promise<Stock> {
    const begunAtMs = performance.now();
    const reading = getInventory(db, eventId);
    // Everybody who asks meanwhile gets the result of this query.
    const isShared = knownById.has(eventId);
    if (isShared) knownById.set(eventId, { stock: reading, begunAtMs });
    try {
      const stock = await reading;
      note(eventId, stock, begunAtMs);
      return stock;
    } catch (error) {
      if (isShared) knownById.delete(eventId);
      throw error;
    }
  }

  return {
    read: (eventId) => {
      const known = knownById.get(eventId);
      return known !== undefined && performance.now() - known.begunAtMs < freshMs ? known.stock : readNow(eventId);
    },
    note,
    forget: (eventId) => {
      lastForgottenAtMs = performance.now();
      knownById.delete(eventId);
    },
  };
}
