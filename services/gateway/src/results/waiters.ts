// Requests and streams that wait for an order's first decision or for its next version. One announcement says which
// waiters to check, and one query reads their orders: a batch of first decisions names the event and how far it is
// decided (decisions.ts), later changes name their orders. A waiter whose order was announced before it came is checked
// at once.
//
// An announcement can be lost with its connection, and the read that follows it can fail. So all waiters are checked
// after a reconnect and every 5 s, and each order is read once more when its waiter's time is up.
import { parseChanged } from "@onsale/database/announcements/channels";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { hasDecision } from "@onsale/domain/order-status";
import { startLoop } from "@onsale/lifecycle/loop";
import type { OrderReader } from "../catalogue/order-reader.ts";
import type { Decisions } from "./decisions.ts";

export type Waiters = Readonly<{
  /**
   * Waits for an order's first decision, or for another version.
   *
   * @param until `decided`, or `changed` for any version after that of `order`
   * @param timeoutMs null waits without a limit
   * @returns the order with its decision or its new version; or as it was last read, when the time is up, the client is
   *   gone, or the waiters are closed
   */
  wait: (
    order: OrderRow,
    until: "decided" | "changed",
    timeoutMs: number | null,
    clientGone: AbortSignal,
  ) => Promise<OrderRow>;
  /** Takes the announcement of orders that changed after their first decision. */
  onChanged: (payload: string) => void;
  /** Checks all waiters, after announcements may have been missed. */
  checkAll: () => void;
  /** Releases all waiters, with their orders as last read. */
  close: () => void;
}>;

const checkAllMs = 5_000;

type Waiter = {
  readonly order: OrderRow;
  readonly isDone: (current: OrderRow) => boolean;
  readonly release: (order: OrderRow) => void;
  isChecking: boolean;
  /** Whether something happened since the current check began. */
  isCheckDue: boolean;
};

export function createWaiters(reader: OrderReader, decisions: Pick<Decisions, "subscribe" | "through">): Waiters {
  const waitersByEvent = createGroups<number>();
  const waitersByOrder = createGroups<string>();
  let isClosed = false;

  /**
   * Releases a waiter whose order is as it waits for. Waiters that are checked together share a query. Each has one
   * check at a time: announcements go on while the database is slow.
   */
  async function check(waiter: Waiter): Promise<void> {
    waiter.isCheckDue = true;
    if (waiter.isChecking) return;
    waiter.isChecking = true;
    while (waiter.isCheckDue) {
      waiter.isCheckDue = false;
      const current = await readAgain(waiter.order);
      if (waiter.isDone(current)) waiter.release(current);
    }
    waiter.isChecking = false;
  }

  function checkAll(): void {
    for (const waiter of waitersByEvent.all()) void check(waiter);
  }

  const readAgain = async (order: OrderRow) => (await reader.read(order.id).catch(() => undefined)) ?? order;

  const checks = startLoop({ run: async () => checkAll(), pauseMs: checkAllMs, onError: () => undefined });

  decisions.subscribe(({ eventId, seq }) => {
    for (const waiter of waitersByEvent.of(eventId)) {
      if (waiter.order.seq <= seq && !hasDecision(waiter.order.status)) void check(waiter);
    }
  });

  return {
    wait: async (order, until, timeoutMs, clientGone) => {
      const isDone = until === "decided" ? isDecided : (current: OrderRow) => current.version > order.version;
      if (isDone(order) || timeoutMs === 0 || isClosed || clientGone.aborted) return order;
      const { promise, resolve } = Promise.withResolvers<OrderRow>();
      const waiter: Waiter = { order, isDone, release: resolve, isChecking: false, isCheckDue: false };
      const timeUp = () => void readAgain(order).then(resolve);
      const timeLimit = timeoutMs === null ? undefined : setTimeout(timeUp, timeoutMs);
      const leave = () => resolve(order);
      clientGone.addEventListener("abort", leave, { once: true });
      waitersByEvent.add(order.eventId, waiter);
      waitersByOrder.add(order.id, waiter);
      // It may have changed since it was read.
      if (hasDecision(order.status) || order.seq <= decisions.through(order.eventId)) void check(waiter);
      try {
        return await promise;
      } finally {
        waitersByEvent.remove(order.eventId, waiter);
        waitersByOrder.remove(order.id, waiter);
        clearTimeout(timeLimit);
        clientGone.removeEventListener("abort", leave);
      }
    },
    onChanged: (payload) => {
      for (const id of parseChanged(payload)) for (const waiter of waitersByOrder.of(id)) void check(waiter);
    },
    checkAll,
    close: () => {
      isClosed = true;
      for (const { order, release } of waitersByEvent.all()) release(order);
      void checks.close();
    },
  };
}

const isDecided = ({ status }: OrderRow) => hasDecision(status);

/** Waiters by a key that several of them can have. */
function createGroups<Key>() {
  const groups = new Map<Key, Set<Waiter>>();
  return {
    add: (key: Key, waiter: Waiter): void => {
      groups.set(key, (groups.get(key) ?? new Set()).add(waiter));
    },
    remove: (key: Key, waiter: Waiter): void => {
      const group = groups.get(key);
      if (group?.delete(waiter) && group.size === 0) groups.delete(key);
    },
    of: (key: Key): Iterable<Waiter> => groups.get(key) ?? [],
    all: (): Waiter[] => Array.from(groups.values(), (group) => [...group]).flat(),
  };
}
