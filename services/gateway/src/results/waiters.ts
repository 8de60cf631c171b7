// Requests and streams that wait for an order's first decision. One announcement (decisions.ts) says which waiters to
// check, and one query reads their orders. A waiter whose order was announced before it came is checked at once.
//
// An announcement can be lost with its connection, and the read that follows it can fail. So all waiters are checked
// after a reconnect and every 5 s, and each order is read once more when its waiter's time is up.
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { hasDecision } from "@onsale/domain/order-status";
import { startLoop } from "@onsale/lifecycle/loop";
import type { OrderReader } from "../catalogue/order-reader.ts";
import type { Decisions } from "./decisions.ts";

export type Waiters = Readonly<{
  /**
   * Waits for an order's first decision.
   *
   * @param timeoutMs null waits without a limit
   * @returns the order with its decision; or as it was last read, when the time is up, the client is gone, or the
   *   waiters are closed
   */
  wait: (order: OrderRow, timeoutMs: number | null, clientGone: AbortSignal) => Promise<OrderRow>;
  /** Checks all waiters, after announcements may have been missed. */
  checkAll: () => void;
  /** Releases all waiters, with their orders as last read. */
  close: () => void;
}>;

const checkAllMs = 5_000;

type Waiter = {
  readonly order: OrderRow;
  readonly release: (order: OrderRow) => void;
  isChecking: boolean;
  /** Whether something happened since the current check began. */
  isCheckDue: boolean;
};

export function createWaiters(reader: OrderReader, decisions: Pick<Decisions, "subscribe" | "through">): Waiters {
  const waitersByEvent = new Map<number, Set<Waiter>>();
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
   * Releases a waiter whose order is decided. Waiters that are checked together share a query. Each has one check at a
   * time: announcements go on while the database is slow.
   */
  async function check(waiter: Waiter): Promise<void> {
    waiter.isCheckDue = true;
    if (waiter.isChecking) return;
    waiter.isChecking = true;
    while (waiter.isCheckDue) {
      waiter.isCheckDue = false;
      const current = await readAgain(waiter.order);
      if (hasDecision(current.status)) waiter.release(current);
    }
    waiter.isChecking = false;
  }

  function checkAll(): void {
    for (const waiters of waitersByEvent.values()) for (const waiter of waiters) void check(waiter);
  }

  const readAgain = async (order: OrderRow) => (await reader.read(order.id).catch(() => undefined)) ?? order;

  const checks = startLoop({ run: async () => checkAll(), pauseMs: checkAllMs, onError: () => undefined });

  decisions.subscribe(({ eventId, seq }) => {
    for (const waiter of waitersByEvent.get(eventId) ?? []) if (waiter.order.seq <= seq) void check(waiter);
  });

  return {
    wait: async (order, timeoutMs, clientGone) => {
      if (hasDecision(order.status) || timeoutMs === 0 || isClosed || clientGone.aborted) return order;
      const { promise, resolve } = Promise.withResolvers<OrderRow>();
      const waiter: Waiter = { order, release: resolve, isChecking: false, isCheckDue: false };
      const timeUp = () => void readAgain(order).then(resolve);
      const timeLimit = timeoutMs === null ? undefined : setTimeout(timeUp, timeoutMs);
      const leave = () => resolve(order);
      clientGone.addEventListener("abort", leave, { once: true });
      add(waiter);
      if (order.seq <= decisions.through(order.eventId)) void check(waiter);
      try {
        return await promise;
      } finally {
        remove(waiter);
        clearTimeout(timeLimit);
        clientGone.removeEventListener("abort", leave);
      }
    },
    checkAll,
    close: () => {
      isClosed = true;
      for (const waiters of waitersByEvent.values()) for (const { order, release } of waiters) release(order);
      void checks.close();
    },
  };
}
