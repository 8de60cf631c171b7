// Offers what came back to orders that wait: one event at a time, with all its counters locked.
import { orderQuantityMax } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { inTransaction } from "@onsale/database/in-transaction";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { readCounters, type StockCounter } from "@onsale/database/statements/allocation/read-counters";
import { readEventRules } from "@onsale/database/statements/allocation/read-rules";
import { type Room, readWaiting, type WaitingOrder } from "@onsale/database/statements/allocation/read-waiting";
import { type OfferDraw, writeOffers } from "@onsale/database/statements/allocation/write-offers";
import { listCounters } from "@onsale/database/statements/rules/list-counters";
import { createOffering, type Offering } from "@onsale/domain/decide";
import { eventPool, lineCounters, noRules, type Rules } from "@onsale/domain/rules";

/** Orders that are read at a time: as many as could get something, within bounds. */
const pageSizeMin = 50;
const pageSizeMax = 2_000;
/** Orders that get an offer in one transaction at most; the next one goes on. */
const offersMax = 500;

/**
 * Offers an event's tickets to its waiting list, the first in line first, until nothing is left that fits.
 *
 * @param db may be inside a transaction that has locked the event's counters
 * @returns the orders that hold tickets now
 */
export function makeOffers(db: Db, eventId: number): Promise<number> {
  return inTransaction(db, async (tx) => {
    const names = await listCounters(tx, eventId);
    await lockStock(
      tx,
      names.map((ticketType) => ({ eventId, ticketType })),
    );
    const stock = await readCounters(
      tx,
      names.map((ticketType) => ({ eventId, ticketType })),
    );
    const [settings] = await readEventRules(tx, [eventId]);
    if (settings === undefined) return 0;
    if (stock.some(({ isCancelled }) => isCancelled)) return 0;
    const rules = toRules(stock, settings.isStrict);
    const { orders, isOfferDue } = await choose(tx, eventId, stock, rules);
    const draws = drawsOf(orders, rules);
    await writeOffers(tx, { eventId, offerSeconds: settings.offerSeconds, orders, draws, isOfferDue });
    return orders.length;
  });
}

async function choose(tx: Db, eventId: number, stock: readonly StockCounter[], rules: Rules) {
  const offering = createOffering(new Map(stock.map((counter) => [counter.ticketType, counter])), rules);
  const types = stock.filter(({ waiting, pools }) => waiting > 0 && pools !== null);
  const orders: WaitingOrder[] = [];
  for (let afterSeq = 0; ; ) {
    const rooms = types.map(({ ticketType }) => ({ ticketType, quantity: offering.roomFor(ticketType) }));
    const room = rooms.reduce((sum, { quantity }) => sum + quantity, 0);
    // When nothing is left for which somebody waits, the rest of the list need not be read.
    if (room === 0) break;
    const pageSize = Math.min(pageSizeMax, Math.max(pageSizeMin, room));
    const wanted = rules.isStrict ? blockersOf(rooms, offering) : rooms.filter(({ quantity }) => quantity > 0);
    const page = await readWaiting(tx, eventId, wanted, afterSeq, pageSize);
    for (const order of page) {
      if (offering.offer(order)) orders.push(order);
      if (orders.length >= offersMax) return { orders, isOfferDue: true };
    }
    if (page.length < pageSize) break;
    afterSeq = page.at(-1)?.seq ?? afterSeq;
  }
  return { orders, isOfferDue: false };
}

/** Of a strict list, orders that do not fit are read, too: they block what they wait for. Once it is blocked, no more. */
function blockersOf(rooms: readonly Room[], { isBlocked }: Offering): Room[] {
  return rooms.flatMap(({ ticketType }) => (isBlocked(ticketType) ? [] : { ticketType, quantity: orderQuantityMax }));
}

function toRules(stock: readonly StockCounter[], isStrict: boolean): Rules {
  const pools = new Map(
    stock.flatMap(({ ticketType, pools }) => (pools === null ? [] : [[ticketType, pools] as const])),
  );
  return { ...noRules, pools, isStrict };
}

/** What the orders take from each counter; the pool `event` is always among them, because the list was looked through. */
function drawsOf(orders: readonly WaitingOrder[], rules: Rules): OfferDraw[] {
  const draws = new Map<string, { quantity: number; waiting: number }>([[eventPool, { quantity: 0, waiting: 0 }]]);
  for (const line of orders.flatMap(({ lines }) => lines)) {
    for (const name of lineCounters(rules, null, line).stock) {
      const draw = draws.get(name) ?? { quantity: 0, waiting: 0 };
      draws.set(name, draw);
      draw.quantity += line.quantity;
      draw.waiting += 1;
    }
  }
  return Array.from(draws, ([counter, draw]) => ({ counter, ...draw }));
}
