// Requests that wait for a decision. Workers decide an event's orders in arrival order and announce each batch as
// "event, decided through seq", so one notification tells which waiters to wake, and one query reads them all.
//
// An announcement can overtake the answer of the insert it belongs to; therefore the last one of each event is
// remembered, and a waiter that comes later is not kept. An announcement can be lost with its connection; therefore
// all waiters are looked at after a reconnect, and each is read once more when its time is up.
import type { Db } from "@onsale/database/client";
import { getOrders } from "@onsale/database/statements/get-orders";
import type { OrderRow } from "@onsale/database/statements/order-row";
import { isDecided } from "@onsale/domain/order-status";
import { LRUCache } from "lru-cache";

export type Waiters = Readonly<{
  /**
   * @returns the order once it is decided; as it is known then, when the time is up, the client is gone, or
   *   the waiters are closed
   */
  wait: (order: OrderRow, timeoutMs: number, clientGone: AbortSignal) => Promise<OrderRow>;
  /** Whether one more may wait. */
  hasRoom: () => boolean;
  /** Takes an announcement: `<event id>:<seq>`. */
  onDecided: (payload: string) => void;
  /** Looks at everybody, after announcements may have been missed. */
  onListening: () => void;
  /** Lets everybody go, with what is known. */
  close: () => void;
}>;

/** More than this many do not wait; they get the pending order and poll. */
const waiterCountMax = 10_000;
const rememberedEventCountMax = 10_000;
const readCountMax = 1_000;

type Waiter = { readonly order: OrderRow; readonly release: (order: OrderRow) => void };

export function createWaiters(db: Db): Waiters {
  const waitersByEvent = new Map<number, Set<Waiter>>();
  const decidedThrough = new LRUCache<number, number>({ max: rememberedEventCountMax });
  let waiterCount = 0;
  let isClosed = false;

  function add(waiter: Waiter): void {
    const waiters = waitersByEvent.get(waiter.order.eventId) ?? new Set();
    waitersByEvent.set(waiter.order.eventId, waiters.add(waiter));
    waiterCount++;
  }

  function remove(waiter: Waiter): void {
    const waiters = waitersByEvent.get(waiter.order.eventId);
    if (!waiters?.delete(waiter)) return;
    waiterCount--;
    if (waiters.size === 0) waitersByEvent.delete(waiter.order.eventId);
  }

  /** Reads the orders of some waiters and releases those that are decided. */
  async function look(waiters: readonly Waiter[]): Promise<void> {
    for (let from = 0; from < waiters.length; from += readCountMax) {
      const group = waiters.slice(from, from + readCountMax);
      const orders = await getOrders(
        db,
        group.map((waiter) => waiter.order.id),
      ).catch((): OrderRow[] => []);
      const byId = new Map(orders.map((order) => [order.id, order]));
      for (const waiter of group) {
        const order = byId.get(waiter.order.id);
        if (order !== undefined && isDecided(order.status)) waiter.release(order);
      }
    }
  }

  async function readAgain(order: OrderRow): Promise<OrderRow> {
    const orders = await getOrders(db, [order.id]).catch((): OrderRow[] => []);
    return orders[0] ?? order;
  }

  return {
    wait: async (order, timeoutMs, clientGone) => {
      if (isDecided(order.status) || timeoutMs <= 0 || isClosed || clientGone.aborted) return order;
      if (order.seq <= (decidedThrough.get(order.eventId) ?? 0)) return readAgain(order);

      const { promise, resolve } = Promise.withResolvers<OrderRow>();
      const waiter: Waiter = { order, release: resolve };
      const timer = setTimeout(() => void readAgain(order).then(resolve), timeoutMs);
      const leave = () => resolve(order);
      clientGone.addEventListener("abort", leave, { once: true });
      add(waiter);
      try {
        return await promise;
      } finally {
        remove(waiter);
        clearTimeout(timer);
        clientGone.removeEventListener("abort", leave);
      }
    },
    onDecided: (payload) => {
      const [eventId = 0, seq = 0] = payload.split(":").map(Number);
      decidedThrough.set(eventId, Math.max(seq, decidedThrough.get(eventId) ?? 0));
      const waiters = waitersByEvent.get(eventId);
      if (waiters !== undefined) void look([...waiters].filter((waiter) => waiter.order.seq <= seq));
    },
    onListening: () => void look([...waitersByEvent.values()].flatMap((waiters) => [...waiters])),
    hasRoom: () => !isClosed && waiterCount < waiterCountMax,
    close: () => {
      isClosed = true;
      for (const waiters of waitersByEvent.values()) for (const { order, release } of waiters) release(order);
    },
  };
}
