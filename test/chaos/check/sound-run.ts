// A small run without violations, which tests spoil in one way each.
import type { Facts, ReceivedFact, StoredOrder } from "../facts.ts";
import type { Ask, Call, Result, SeenOrder } from "../history.ts";

export type Run = Readonly<{ calls: readonly Call[]; facts: Facts }>;

const eventCode = "EVENT";
const decidedAtMs = 1_000;

export const call = (ask: Ask, beganMs: number, endedMs: number, result: Result): Call => {
  return { ask, beganMs, endedMs, result };
};

export const told = (order: SeenOrder): Result => ({ kind: "order", order, isReplayed: false });

export const buy = (key: string, quantity = 1): Ask => {
  return { kind: "purchase", key, body: { eventCode, ticketType: "STANDARD", quantity } };
};

function stored(part: Partial<StoredOrder> & Pick<StoredOrder, "id" | "seq" | "key">): StoredOrder {
  const items = [{ ticketType: "STANDARD", quantity: 1 }];
  return {
    eventCode,
    status: "CONFIRMED",
    version: 2,
    customerRef: null,
    requested: items,
    items,
    decidedAtMs,
    expiresAtMs: null,
    history: [],
    ledger: [],
    pendingReturns: 0,
    refunds: [],
    ...part,
  };
}

/** Two buyers, one after the other: the first one's order is sold, that of the second is held, extended and expires. */
export function soundRun(): Run {
  const first = stored({ id: "order-1", seq: 1, key: "key-1" });
  const second = stored({
    id: "order-2",
    seq: 2,
    key: "key-2",
    status: "EXPIRED",
    version: 4,
    expiresAtMs: 5_000,
    history: [
      { version: 3, from: "HELD", to: "HELD", atMs: 2_000, returned: null },
      { version: 4, from: "HELD", to: "EXPIRED", atMs: 5_100, returned: null },
    ],
    ledger: [{ cause: "expiry", ticketType: "STANDARD", quantity: 1 }],
  });
  const posted = (webhookId: string, type: string, { id, status, version }: SeenOrder): ReceivedFact => {
    return { webhookId, type, order: { id, status, version } };
  };
  const facts: Facts = {
    orders: [first, second],
    listed: [first, second].map(({ id, status, version }) => ({ id, status, version })),
    changes: [
      { orderId: "order-1", version: 2, to: "CONFIRMED" },
      { orderId: "order-2", version: 2, to: "HELD" },
      { orderId: "order-2", version: 3, to: "HELD" },
      { orderId: "order-2", version: 4, to: "EXPIRED" },
    ],
    audits: [],
    refused: [],
    received: [
      posted("hook-1", "order.confirmed", first),
      posted("hook-2", "order.held", { id: "order-2", status: "HELD", version: 2 }),
      posted("hook-3", "order.expired", second),
    ],
    outages: [],
    cancelledEvents: [],
    plentyEvents: [],
    readAtMs: 10_000,
  };
  const calls = [
    call(buy("key-1"), 0, 10, told({ id: "order-1", status: "PENDING", version: 1 })),
    call(buy("key-2"), 20, 30, { kind: "unknown" }),
    call(buy("key-2"), 40, 50, told({ id: "order-2", status: "HELD", version: 2 })),
    call(buy("key-3"), 40, 50, { kind: "problem", status: 409, code: "sold-out" }),
    call({ kind: "extend", orderId: "order-2", key: "extend" }, 60, 70, {
      ...told({ id: "order-2", status: "HELD", version: 3 }),
    }),
  ];
  return { calls, facts };
}

/** The run with another order in place of its own of the same id. */
export function withOrder({ calls, facts }: Run, id: string, part: Partial<StoredOrder>): Run {
  const orders = facts.orders.map((order) => (order.id === id ? { ...order, ...part } : order));
  return { calls, facts: { ...facts, orders } };
}

export const withFacts = ({ calls, facts }: Run, part: Partial<Facts>): Run => ({
  calls,
  facts: { ...facts, ...part },
});

export const withCalls = ({ calls, facts }: Run, ...more: readonly Call[]): Run => {
  return { calls: [...calls, ...more], facts };
};
