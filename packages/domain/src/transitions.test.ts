import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Line, sumLines } from "./decide.ts";
import { type Change, cancel, confirm, extend, type OrderState, statusAt } from "./transitions.ts";

const ticketTypes = ["VIP", "STANDARD", "STUDENT"];
const lineLists = fc
  .array(fc.record({ ticketType: fc.constantFrom(...ticketTypes), quantity: fc.integer({ min: 1, max: 5 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map(sumLines);
const references = fc.constantFrom(null, "pay-1", "pay-2");
const expiresAtMs = 600_000;

const heldOrder = (items: readonly Line[]): OrderState => ({
  status: "HELD",
  items,
  expiresAtMs,
  wasExtended: false,
  paymentReference: null,
  payments: [],
});

const after = (order: OrderState, { status, items, expiresAtMs, paymentReference }: Change): OrderState => {
  return { ...order, status, items, expiresAtMs, paymentReference };
};

function changed(result: Readonly<{ kind: string }> | Change): Change {
  assert("returned" in result, `${JSON.stringify(result)} is no change`);
  return result;
}

const total = (...lists: readonly (readonly Line[])[]) =>
  new Map(sumLines(lists.flat()).map(({ ticketType, quantity }) => [ticketType, quantity]));

type Step = Readonly<
  | { what: "confirm"; reference: string | null }
  | { what: "cancel"; items: readonly Line[] | null }
  | { what: "extend"; holdSeconds: number }
  | { what: "clock"; ms: number }
  /** The lane expires the hold when it is due, and decides a late payment. */
  | { what: "lane"; isGranted: boolean }
>;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ what: fc.constant("confirm" as const), reference: references }),
    fc.record({ what: fc.constant("cancel" as const), items: fc.option(lineLists) }),
    fc.record({ what: fc.constant("extend" as const), holdSeconds: fc.integer({ min: 30, max: 3_600 }) }),
    fc.record({ what: fc.constant("clock" as const), ms: fc.nat(400_000) }),
    fc.record({ what: fc.constant("lane" as const), isGranted: fc.boolean() }),
  ),
  { maxLength: 30 },
);

/** An order of which a test keeps the books: its state, its returned tickets, and how often it was extended. */
type Books = { order: OrderState; nowMs: number; returned: Line[]; extendCount: number };

function run(books: Books, step: Step): void {
  const { order, nowMs } = books;
  switch (step.what) {
    case "clock":
      books.nowMs += step.ms;
      return;
    case "lane":
      books.order = laneDecides(order, nowMs, step.isGranted);
      return;
    case "confirm": {
      const result = confirm(order, step.reference, nowMs);
      if (result.kind === "change") books.order = after(order, result);
      if (result.kind === "late") {
        books.order = { ...order, payments: [...order.payments, { reference: step.reference, outcome: null }] };
      }
      return;
    }
    case "cancel": {
      const result = cancel(order, step.items, nowMs);
      if (result.kind !== "change") return;
      books.order = after(order, result);
      books.returned.push(...result.returned);
      return;
    }
    case "extend": {
      const result = extend(order, step.holdSeconds, nowMs);
      if (result.kind !== "change") return;
      books.order = { ...after(order, result), wasExtended: true };
      books.extendCount++;
    }
  }
}

function laneDecides(order: OrderState, nowMs: number, isGranted: boolean): OrderState {
  const expired = { ...order, status: statusAt(order, nowMs) };
  const late = order.payments.find(({ outcome }) => outcome === null);
  if (late === undefined || expired.status !== "EXPIRED") return expired;
  const outcome = isGranted ? "confirmed" : "refund-required";
  const payments = order.payments.map((payment) => (payment === late ? ({ ...late, outcome } as const) : payment));
  return isGranted
    ? { ...expired, payments, status: "CONFIRMED", paymentReference: late.reference }
    : { ...expired, payments };
}

describe("the transitions of an order", () => {
  it("give back each ticket once, however they follow each other, and extend a hold once", () => {
    fc.assert(
      fc.property(lineLists, steps, (granted, taken) => {
        const books: Books = { order: heldOrder(granted), nowMs: 0, returned: [], extendCount: 0 };
        for (const step of taken) {
          run(books, step);
          const { order, returned } = books;
          const kept = order.status === "CANCELLED" ? [] : order.items;
          assert.deepEqual([...total(kept, returned)].sort(), [...total(granted)].sort());
          assert(order.items.length > 0);
          assert(books.extendCount <= 1);
        }
      }),
    );
  });

  it("change nothing of an order that has ended, or that the lane has not decided", () => {
    const codes = { PENDING: "order-undecided", REJECTED: "order-not-cancellable", EXPIRED: "order-not-cancellable" };
    fc.assert(
      fc.property(
        lineLists,
        fc.constantFrom("PENDING", "REJECTED", "EXPIRED"),
        fc.option(lineLists),
        (items, status, some) => {
          const order = { ...heldOrder(items), status };
          assert.deepEqual(cancel(order, some, 0), { kind: "refused", code: codes[status], orderStatus: status });
          assert.equal(extend(order, 60, 0).kind, "refused");
          assert.notEqual(confirm(order, null, 0).kind, "change");
        },
      ),
    );
  });
});

describe("cancel", () => {
  it("of an order as a whole gives back everything, and again changes nothing", () => {
    fc.assert(
      fc.property(lineLists, fc.constantFrom("HELD", "CONFIRMED"), (items, status) => {
        const order = { ...heldOrder(items), status };
        const change = changed(cancel(order, null, 0));
        assert.deepEqual([change.status, change.returned, change.items], ["CANCELLED", items, items]);
        for (const again of [null, items]) assert.equal(cancel(after(order, change), again, 1).kind, "unchanged");
      }),
    );
  });

  it("ticket by ticket ends as at once", () => {
    const tickets = (items: readonly Line[]) =>
      items.flatMap(({ ticketType, quantity }) =>
        Array.from({ length: quantity }, () => ({ ticketType, quantity: 1 })),
      );
    const orders = lineLists.chain((items) => {
      const all = tickets(items);
      return fc.tuple(fc.constant(items), fc.shuffledSubarray(all, { minLength: all.length }));
    });
    fc.assert(
      fc.property(orders, ([items, singles]) => {
        let order = heldOrder(items);
        for (const [index, single] of singles.entries()) {
          assert.equal(order.status, "HELD", `after ${index} of ${singles.length}`);
          const change = changed(cancel(order, [single], 0));
          assert.deepEqual(change.returned, [single]);
          order = after(order, change);
        }
        assert.equal(order.status, "CANCELLED");
      }),
    );
  });

  it("of more than the order has is refused whole", () => {
    fc.assert(
      fc.property(lineLists, lineLists, fc.constantFrom("HELD", "CONFIRMED"), (items, some, status) => {
        const own = total(items);
        const fits = some.every(({ ticketType, quantity }) => quantity <= (own.get(ticketType) ?? 0));
        const result = cancel({ ...heldOrder(items), status }, some, 0);
        if (fits) assert.equal(result.kind, "change");
        else assert.deepEqual(result, { kind: "refused", code: "items-exceed-order", orderStatus: status });
      }),
    );
  });
});

describe("a hold", () => {
  const order = heldOrder([{ ticketType: "VIP", quantity: 1 }]);

  it("can be confirmed, cancelled and extended until the very moment in which it expires", () => {
    const before = expiresAtMs - 0.001;
    assert.equal(statusAt(order, before), "HELD");
    assert.equal(changed(confirm(order, "pay-1", before)).status, "CONFIRMED");
    assert.equal(changed(cancel(order, null, before)).status, "CANCELLED");
    assert.equal(changed(extend(order, 60, before)).expiresAtMs, before + 60_000);

    assert.equal(statusAt(order, expiresAtMs), "EXPIRED");
    assert.equal(confirm(order, "pay-1", expiresAtMs).kind, "late");
    const refused = { kind: "refused", orderStatus: "EXPIRED" };
    assert.deepEqual(cancel(order, null, expiresAtMs), { ...refused, code: "order-not-cancellable" });
    assert.deepEqual(extend(order, 60, expiresAtMs), { ...refused, code: "hold-expired" });
  });

  it("is extended once, from now on", () => {
    const extended = { ...after(order, changed(extend(order, 1_200, 1_000))), wasExtended: true };
    assert.equal(extended.expiresAtMs, 1_201_000);
    assert.equal(changed(confirm(extended, null, 1_200_999)).status, "CONFIRMED");
    const refusal = { kind: "refused", code: "hold-extended-before", orderStatus: "HELD" };
    assert.deepEqual(extend(extended, 60, 2_000), refusal);
  });
});

describe("a payment's reference", () => {
  const held = heldOrder([{ ticketType: "VIP", quantity: 1 }]);
  const confirmedBy = (reference: string | null) => after(held, changed(confirm(held, reference, 0)));

  it("of the payment that confirmed the order, or none, changes nothing; another one is to be refunded", () => {
    const order = confirmedBy("pay-1");
    assert.equal(confirm(order, "pay-1", 1).kind, "unchanged");
    assert.equal(confirm(order, null, 1).kind, "unchanged");
    const refusal = { kind: "refused", code: "already-confirmed", orderStatus: "CONFIRMED", refundReference: "pay-2" };
    assert.deepEqual(confirm(order, "pay-2", 1), refusal);
  });

  it("can follow a confirmation without one, once", () => {
    const order = confirmedBy(null);
    const named = after(order, changed(confirm(order, "pay-1", 1)));
    assert.deepEqual([named.status, named.paymentReference], ["CONFIRMED", "pay-1"]);
    assert.equal(confirm(named, "pay-2", 2).kind, "refused");
  });

  it("of a cancelled order is to be refunded, unless it is the one that the cancellation tells of", () => {
    const paid = confirmedBy("pay-1");
    const order = after(paid, changed(cancel(paid, null, 1)));
    const refusal = { kind: "refused", code: "order-not-confirmable", orderStatus: "CANCELLED" };
    assert.deepEqual(confirm(order, "pay-1", 2), refusal);
    assert.deepEqual(confirm(order, "pay-2", 2), { ...refusal, refundReference: "pay-2" });
    assert.deepEqual(confirm(order, null, 2), refusal);
  });

  it("that came late waits for the lane; a refusal is final for it, and another one is tried", () => {
    const withPayment = (outcome: "refund-required" | null): OrderState => {
      return { ...held, status: "EXPIRED", payments: [{ reference: "pay-1", outcome }] };
    };
    for (const [reference, isSame] of [
      ["pay-1", true],
      ["pay-2", false],
      [null, true],
    ] as const) {
      assert.deepEqual(confirm(withPayment(null), reference, expiresAtMs), { kind: "undecided-payment", isSame });
    }
    const refusal = { kind: "refused", code: "hold-expired", orderStatus: "EXPIRED" };
    assert.deepEqual(confirm(withPayment("refund-required"), "pay-1", expiresAtMs), refusal);
    assert.equal(confirm(withPayment("refund-required"), "pay-2", expiresAtMs).kind, "late");
  });
});
