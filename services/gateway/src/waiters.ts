// Requests and streams that wait for a decision. Workers decide an event's orders in arrival order and announce each
// batch as "event, decided through seq", so one notification tells which waiters to wake, and one query reads them all.
//
// An announcement can overtake the answer of the insert it belongs to; therefore the last one of each event is
// remembered, and a waiter that comes later is looked at once. An announcement can be lost with its connection, and the
// read that follows it can fail; therefore all waiters are looked at after a reconnect and every few seconds, and each
// is read once more when its time is up.
import type { Decided } from "@onsale/database/channels";
import type { OrderRow } from "@onsale/database/statements/order-row";
import { isDecided } from "@onsale/domain/order-status";
import { LRUCache } from "lru-cache";
import type { OrderReader } from "./order-reader.ts";

export type Waiters = Readonly<{
  /**
   * @param timeoutMs null waits for as long as it takes
   * @returns the order once it is decided; as it is known then, when the time is up, the client is gone, or
   *   the waiters are closed
   */
  wait: (order: OrderRow, timeoutMs: number | null, clientGone: AbortSignal) => Promise<OrderRow>;
  onDecided: (decided: Decided) => void;
  /** Looks at everybody, after announcements may have been missed. */
  onListening: () => void;
  /** Lets everybody go, with what is known. */
  close: () => void;
}>;

const rememberedEventCountMax = 10_000;
const lookAgainMs = 5_000;

type Waiter = {
  readonly order: OrderRow;
  readonly release: (order: OrderRow) => void;
  isLooking: boolean;
  /** Something happened since the look that is on its way began. */
  isLookDue: boolean;
};

export function createWaiters(reader: OrderReader): Waiters {
  const waitersByEvent = new Map<number, Set<Waiter>>();
  const decidedThrough = new LRUCache<number, number>({ max: rememberedEventCountMax });
  let isClosed = false;

  function add(waiter: Waiter): void {
    const waiters = waitersByEvent.get(waiter.order.eventId) ?? new Set();
    waitersByEvent.set(waiter.order.eventId, waiters.add(waiter));
  }

  function remove(waiter: Waiter): void {
    const waiters = waitersByEvent.get(waiter.order.eventId);
    if (waiters?.delete(waiter) && waiters.size === 0) waitersByEvent.delete(waiter.order.eventId);
  }

  /**
   * Releases a waiter whose order is decided. Those who are looked at together share a query. Each has one look on its way
   * at a time: while the database is slow, announcements go on.
   */
  async function look(waiter: Waiter): Promise<void> {
    waiter.isLookDue = true;
    if (waiter.isLooking) return;
    waiter.isLooking = true;
    while (waiter.isLookDue) {
      waiter.isLookDue = false;
      const current = await readAgain(waiter.order);
      if (isDecided(current.status)) waiter.release(current);
    }
    waiter.isLooking = false;
  }

  function lookAtAll(): void {
    for (const waiters of waitersByEvent.values()) for (const waiter of waiters) void look(waiter);
  }

  const readAgain = async (order: OrderRow) => (await reader.read(order.id).catch(() => undefined)) ?? order;

  const timer = setInterval(lookAtAll, lookAgainMs);
  timer.unref();

  return {
    wait: async (order, timeoutMs, clientGone) => {
      if (isDecided(order.status) || timeoutMs === 0 || isClosed || clientGone.aborted) return order;
      const { promise, resolve } = Promise.withResolvers<OrderRow>();
      const waiter: Waiter = { order, release: resolve, isLooking: false, isLookDue: false };
      const timeUp = () => void readAgain(order).then(resolve);
      const timeLimit = timeoutMs === null ? undefined : setTimeout(timeUp, timeoutMs);
      const leave = () => resolve(order);
      clientGone.addEventListener("abort", leave, { once: true });
      add(waiter);
      if (order.seq <= (decidedThrough.get(order.eventId) ?? 0)) void look(waiter);
      try {
        return await promise;
      } finally {
        remove(waiter);
        clearTimeout(timeLimit);
        clientGone.removeEventListener("abort", leave);
      }
    },
    onDecided: ({ eventId, seq }) => {
      decidedThrough.set(eventId, Math.max(seq, decidedThrough.get(eventId) ?? 0));
      for (const waiter of waitersByEvent.get(eventId) ?? []) if (waiter.order.seq <= seq) void look(waiter);
    },
    onListening: lookAtAll,
    close: () => {
      isClosed = true;
      clearInterval(timer);
      for (const waiters of waitersByEvent.values()) for (const { order, release } of waiters) release(order);
    },
  };
}
