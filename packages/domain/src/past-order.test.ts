import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { OrderStatus } from "@onsale/contracts/order";
import type { OrderFacts } from "@onsale/contracts/present-order";
import fc from "fast-check";
import { sumLines } from "./decide.ts";
import { type LaterTransition, orderAt } from "./past-order.ts";
import { type Change, cancel, confirm, extend, type OrderState } from "./transitions.ts";

const decidedAt = new Date("2026-01-01T10:00:00.123Z");
const lines = [
  { ticketType: "VIP", quantity: 3 },
  { ticketType: "STANDARD", quantity: 4 },
];

const held: OrderFacts = {
  id: "an id",
  eventCode: "show",
  ticketType: null,
  quantity: 7,
  terms: { lines, holdSeconds: 60 },
  items: null,
  status: "HELD",
  reason: null,
  shortage: null,
  strategy: "optimistic",
  customerRef: null,
  paymentReference: null,
  createdAt: decidedAt,
  decidedAt,
  expiresAt: new Date(decidedAt.getTime() + 60_000),
  version: 2,
};

/** What a client asks for, or that the hold expires or is paid late. */
type Step =
  | Readonly<{ kind: "confirm"; reference: string | null }>
  | Readonly<{ kind: "cancel"; type: string; quantity: number }>
  | Readonly<{ kind: "cancel-all" | "extend" | "expire" | "pay-late" }>;

const step = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({ kind: fc.constant("confirm"), reference: fc.constantFrom(null, "pay-1") }),
  fc.record({
    kind: fc.constant("cancel"),
    type: fc.constantFrom("VIP", "STANDARD"),
    quantity: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constantFrom("cancel-all", "extend", "expire", "pay-late") }),
);

describe("an order as an earlier transition left it", () => {
  it("is what it was then, whatever happened since", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const states = [held];
        const transitions: LaterTransition[] = [];
        for (const one of steps) {
          const now = states.at(-1) ?? held;
          const change = apply(one, now);
          if (change.kind !== "change") continue;
          const version = now.version + 1;
          const isPart = change.returned.length > 0 && change.status !== "CANCELLED";
          transitions.push({ version, from: now.status, to: change.status, items: isPart ? change.returned : null });
          states.push({
            ...now,
            version,
            status: change.status,
            items: change.returned.length === 0 ? now.items : change.items,
            expiresAt: change.expiresAtMs === null ? null : new Date(change.expiresAtMs),
            paymentReference: change.paymentReference,
          });
        }
        const last = states.at(-1) ?? held;
        for (const state of states) {
          const found = orderAt(last, transitions, state.version);
          const itemsOf = ({ items }: OrderFacts) => [...sumLines(items ?? lines)].sort(byType);
          assert.deepEqual({ ...found, items: itemsOf(found) }, { ...state, items: itemsOf(state) });
        }
      }),
    );
  });

  it("ignores what happened after it was read", () => {
    const cancelled = { version: 3, from: "HELD", to: "HELD", items: [{ ticketType: "VIP", quantity: 1 }] } as const;
    assert.deepEqual(orderAt(held, [cancelled], 2), held);
  });
});

const byType = (a: { ticketType: string }, b: { ticketType: string }) => (a.ticketType < b.ticketType ? -1 : 1);

function apply(one: Step, order: OrderFacts) {
  const { status, paymentReference } = order;
  const state: OrderState = {
    status,
    items: order.items ?? lines,
    expiresAtMs: order.expiresAt?.getTime() ?? null,
    wasExtended: order.expiresAt?.getTime() !== held.expiresAt?.getTime(),
    paymentReference,
    payments: [],
  };
  const nowMs = decidedAt.getTime() + 1_000;
  const become = (from: OrderStatus, to: OrderStatus, reference: string | null): Change | { kind: "none" } =>
    status === from
      ? { ...state, kind: "change", status: to, returned: [], paymentReference: reference }
      : { kind: "none" };
  switch (one.kind) {
    case "confirm":
      return confirm(state, one.reference, nowMs);
    case "cancel":
      return cancel(state, [{ ticketType: one.type, quantity: one.quantity }], nowMs);
    case "cancel-all":
      return cancel(state, null, nowMs);
    case "extend":
      return extend(state, 120, nowMs);
    case "expire":
      return become("HELD", "EXPIRED", null);
    case "pay-late":
      return become("EXPIRED", "CONFIRMED", "pay-2");
  }
}
