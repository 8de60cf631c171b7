// Offers what came back to orders that wait: one event at a time, with all its counters locked.
import { orderQuantityMax } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { inTransaction } from "@onsale/database/in-transaction";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { readCounters, type StockCounter } from "@onsale/database/statements/allocation/read-counters";
import { readEventRules } from "@onsale/database/statements/allocation/read-rules";
import { listCounters } from "@onsale/database/statements/rules/list-counters";
import { type Room, readWaiting, type WaitingOrder } from "@onsale/database/statements/waiting-list/read-waiting";
import { type OfferDraw, writeOffers } from "@onsale/database/statements/waiting-list/write-offers";
import { createOffering, type Offering } from "@onsale/domain/decide";
import { eventPool, lineCounters, noRules, type Rules } from "@onsale/domain/rules";
import { crashAt } from "@onsale/lifecycle/failpoints";

/** Orders that are read first: as many as could get something, and not fewer than this. */
const firstPageMin = 50;
/**
 * Orders that are looked at in one transaction at most, all of them while the counters are locked. 100,000 baskets that
 * do not fit take 50 transactions; returns are applied between them.
 */
const lookedAtMax = 2_000;
/** Orders that get an offer in one transaction at most. */
const offersMax = 500;

/**
 * A look through an event's waiting list from its front to its end, in several transactions. It offers what was left
 * when it began and no more: what comes back meanwhile is kept for the next pass, which begins with the first in line.
 * So nobody is passed over, and who is far behind gets a chance however often something comes back.
 */
type Pass = Readonly<{
  offering: Offering;
  /** The last order that was looked at. */
  afterSeq: number;
  /** Since when the pass was due. Another worker may end it first, and then a later one is. */
  dueSinceUs: number | null;
  /** Of the pool `event`. */
  version: number;
  /** Whether somebody else wrote that pool since the pass began: then another pass has to follow. */
  hasChanged: boolean;
  /** What the rules were when it began. */
  rulesText: string;
}>;

/** The passes that are not at their end, by event. A worker that starts again begins at the front. */
export type Passes = Map<number, Pass>;

/**
 * Offers an event's tickets to its waiting list, the first in line first. When the list is long, the next call goes on.
 *
 * @param db may be inside a transaction that has locked the event's counters
 * @param passes where earlier calls got to
 * @returns the orders that hold tickets now; null when nobody is offered anything, because the event's sale has ended
 */
export async function makeOffers(db: Db, eventId: number, passes: Passes = new Map()): Promise<number | null> {
  const begun = passes.get(eventId);
  passes.delete(eventId);
  const made = await inTransaction(db, (tx) => makeSome(tx, eventId, begun));
  crashAt("offer.committed");
  if (made?.pass != null) passes.set(eventId, made.pass);
  return made === null ? null : made.count;
}

async function makeSome(tx: Db, eventId: number, begun: Pass | undefined) {
  const names = await listCounters(tx, eventId);
  const counters = names.map((ticketType) => ({ eventId, ticketType }));
  await lockStock(tx, counters);
  const stock = await readCounters(tx, counters);
  const [settings] = await readEventRules(tx, [eventId]);
  const event = stock.find(({ ticketType }) => ticketType === eventPool);
  if (settings === undefined || event === undefined || event.isCancelled) return { count: 0, pass: null };
  if (settings.isSaleEnded) return null;
  const rules = toRules(stock, settings.isStrict);
  const pass = resume(begun, stock, event, rules);
  const { orders, afterSeq } = await choose(tx, eventId, pass, stock, rules);
  const atEnd = pass.hasChanged ? "again" : "done";
  const due = afterSeq === null ? atEnd : "still";
  // A part that finds nothing writes nothing, so that the passes of two workers do not keep each other going.
  const isWritten = orders.length > 0 || due !== "still" || event.offerDueSinceUs === null;
  if (isWritten) {
    const draws = drawsOf(orders, rules);
    await writeOffers(tx, { eventId, offerSeconds: settings.offerSeconds, orders, draws, due });
    crashAt("offer.before-commit");
  }
  const version = event.version + (isWritten ? 1 : 0);
  return { count: orders.length, pass: afterSeq === null ? null : { ...pass, afterSeq, version } };
}

/** Goes on with a pass, or begins another one. */
function resume(begun: Pass | undefined, stock: readonly StockCounter[], event: StockCounter, rules: Rules): Pass {
  const { version, offerDueSinceUs: dueSinceUs } = event;
  // A ticket type whose sale has ended has nothing left for those who wait.
  const counters = new Map(
    stock.map((counter) => [counter.ticketType, counter.isSaleEnded ? { ...counter, limit: counter.used } : counter]),
  );
  const rulesText = JSON.stringify([...rules.pools, rules.isStrict]);
  if (begun?.dueSinceUs !== dueSinceUs || begun.rulesText !== rulesText) {
    const offering = createOffering(counters, rules);
    return { offering, afterSeq: 0, dueSinceUs, version, hasChanged: false, rulesText };
  }
  begun.offering.narrow(counters);
  return { ...begun, hasChanged: begun.hasChanged || begun.version !== version };
}

/** @returns the orders that get an offer, and the last one that was looked at; null at the end of the list */
async function choose(tx: Db, eventId: number, pass: Pass, stock: readonly StockCounter[], rules: Rules) {
  const { offering } = pass;
  const types = stock.filter(({ waiting, pools }) => waiting > 0 && pools !== null);
  const orders: WaitingOrder[] = [];
  let { afterSeq } = pass;
  for (let lookedAt = 0; lookedAt < lookedAtMax; ) {
    const rooms = types.map(({ ticketType }) => ({ ticketType, quantity: offering.roomFor(ticketType) }));
    const room = rooms.reduce((sum, { quantity }) => sum + quantity, 0);
    // When nothing is left for which somebody waits, the rest of the list need not be read.
    if (room === 0) return { orders, afterSeq: null };
    const pageSize = Math.min(lookedAtMax - lookedAt, lookedAt > 0 ? lookedAtMax : Math.max(firstPageMin, room));
    const wanted = rules.isStrict ? blockersOf(rooms, offering) : rooms.filter(({ quantity }) => quantity > 0);
    const page = await readWaiting(tx, eventId, wanted, afterSeq, pageSize);
    for (const order of page) {
      afterSeq = order.seq;
      if (offering.offer(order)) orders.push(order);
      if (orders.length >= offersMax) return { orders, afterSeq };
    }
    if (page.length < pageSize) return { orders, afterSeq: null };
    lookedAt += page.length;
  }
  return { orders, afterSeq };
}

/**
 * Of a strict list, orders that do not fit are read, too: they block what they wait for. Once it is blocked, no more.
 */
function blockersOf(rooms: readonly Room[], { isBlocked }: Offering): Room[] {
  return rooms.flatMap(({ ticketType }) => (isBlocked(ticketType) ? [] : { ticketType, quantity: orderQuantityMax }));
}

function toRules(stock: readonly StockCounter[], isStrict: boolean): Rules {
  const pools = new Map(
    stock.flatMap(({ ticketType, pools }) => (pools === null ? [] : [[ticketType, pools] as const])),
  );
  return { ...noRules, pools, isStrict };
}

/**
 * What the orders take from each counter; the pool `event` is always among them, because the list was looked through.
 */
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
