// Knows which ticket types are sold out, so that a purchase without a chance is answered without an order. To refuse a
// buyer while tickets are left is worse than to record a hopeless order, so the answer of a query is trusted for only
// 250 ms after the query began. While a ticket type is in demand, the query is repeated often enough to keep the answer
// valid. It also counts held tickets, unless those are many: then the stock reader does. Workers announce which ticket
// types a batch used up; that only starts the queries.
import type { Db } from "@onsale/database/client";
import { findSoldOut, type TicketTypeRef } from "@onsale/database/statements/events/find-sold-out";
import { poolName } from "@onsale/domain/rules";
import { startLoop } from "@onsale/lifecycle/loop";
import { LRUCache } from "lru-cache";
import { manyHeld, type StockReader } from "../catalogue/stock-reader.ts";
import type { Decisions } from "../results/decisions.ts";

export type SoldOut = Readonly<{
  /** Whether a query that began within the last 250 ms found no ticket of the type available. */
  has: (eventId: number, ticketType: string) => boolean;
  /** How many tickets may come back for sold-out types, as of that query: those that are only held. */
  heldCount: (eventId: number, ticketTypes: readonly string[]) => number;
  close: () => void;
}>;

const eventCountMax = 10_000;
const trustedMs = 250;
const queryIntervalMs = 80;
/** A ticket type without purchases for this long is no longer queried. */
const demandMs = 5_000;

/** `held`: of the type itself, or of all types that draw on its pool. */
type Entry = TicketTypeRef & { confirmedAtMs: number; askedAtMs: number; held: Readonly<Record<string, number>> };

function createEntries() {
  const entries = new Map<string, Entry>();
  /** Events with a pool that was used up; which ticket types draw on it, the query says. */
  const shortPools = new LRUCache<number, true>({ max: eventCountMax });

  function add(eventId: number, ticketType: string): void {
    const key = keyOf({ eventId, ticketType });
    if (entries.has(key)) return;
    const askedAtMs = performance.now();
    entries.set(key, { eventId, ticketType, confirmedAtMs: Number.NEGATIVE_INFINITY, askedAtMs, held: {} });
  }

  return { entries, shortPools, add };
}

/** @param isOn when false, no ticket type ever counts as sold out */
export function createSoldOut(
  db: Db,
  stockReader: Pick<StockReader, "read">,
  decisions: Pick<Decisions, "subscribe">,
  isOn: boolean,
): SoldOut {
  const { entries, shortPools, add } = createEntries();

  async function confirmAll(): Promise<void> {
    if (entries.size === 0) return;
    const begunAtMs = performance.now();
    const asked = [...entries.values()];
    // When it fails nothing is confirmed, and earlier answers soon expire.
    const soldOut = await findSoldOut(
      db,
      asked.map(({ eventId, ticketType, held }) => ({ eventId, ticketType, isCounted: sumOf(held) < manyHeld })),
    );
    const confirmed = new Map(soldOut.map((type) => [keyOf(type), type]));
    for (const entry of asked) {
      const found = confirmed.get(keyOf(entry));
      if (found !== undefined && begunAtMs - entry.askedAtMs < demandMs) {
        entry.confirmedAtMs = begunAtMs;
        if (found.held === null) countHeld(entry, found.drawing);
        else entry.held = found.held;
      } else {
        entries.delete(keyOf(entry));
        shortPools.delete(entry.eventId);
      }
    }
  }

  /** Not awaited: sold-out answers need not wait for the number. When the query fails, the last number stays. */
  function countHeld(entry: Entry, drawing: readonly string[]): void {
    stockReader.read(entry.eventId).then(
      (stock) => {
        const drawn = stock.filter(({ ticketType }) => drawing.includes(ticketType));
        entry.held = Object.fromEntries(drawn.map(({ ticketType, held }) => [ticketType, held]));
      },
      () => undefined,
    );
  }

  const queries = startLoop({
    run: confirmAll,
    pauseMs: ({ tookMs }) => queryIntervalMs - tookMs,
    onError: () => undefined,
  });

  decisions.subscribe(({ eventId, soldOut }) => {
    if (!isOn || soldOut.length === 0) return;
    for (const name of soldOut) {
      if (poolName(name) === null) add(eventId, name);
      else shortPools.set(eventId, true);
    }
    queries.wake();
  });

  return {
    has: (eventId, ticketType) => {
      const entry = entries.get(keyOf({ eventId, ticketType }));
      if (entry === undefined) {
        if (shortPools.has(eventId)) {
          add(eventId, ticketType);
          queries.wake();
        }
        return false;
      }
      const nowMs = performance.now();
      entry.askedAtMs = nowMs;
      return nowMs - entry.confirmedAtMs < trustedMs;
    },
    heldCount: (eventId, ticketTypes) => {
      // By type: what types that share a pool both count is counted once.
      const held: Record<string, number> = {};
      for (const ticketType of ticketTypes) Object.assign(held, entries.get(keyOf({ eventId, ticketType }))?.held);
      return sumOf(held);
    },
    // Not awaited: a last query only reads.
    close: () => void queries.close(),
  };
}

function sumOf(held: Readonly<Record<string, number>>): number {
  return Object.values(held).reduce((sum, count) => sum + count, 0);
}

function keyOf({ eventId, ticketType }: TicketTypeRef): string {
  return `${eventId}:${ticketType}`;
}
