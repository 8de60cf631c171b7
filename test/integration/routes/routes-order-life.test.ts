// Confirm, cancel and extend over HTTP, in every state and with bad input. The test itself is the lane.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Order, OrderStatus, Transition } from "@onsale/contracts/order";
import { orderStatuses } from "@onsale/contracts/values";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { type Action, type Changed, createOrderChanges } from "../../support/http/order-changes.ts";
import { startGateway } from "../../support/services/services.ts";

describe("an order after its first decision", () => {
  let api: Api;
  let orders: ReturnType<typeof createOrderChanges>;

  before(async () => {
    const url = await createTestDatabase();
    api = createApi((await startGateway({ DATABASE_URL: url })).url);
    orders = createOrderChanges(api, connect(url));
  });

  const ok = async (answer: Promise<Changed>) => {
    const { status, body } = await answer;
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };

  /** More than there ever is, and more than is left. */
  const quantities: Partial<Record<OrderStatus, number>> = { REJECTED: 1_001, WAITING: 1_000 };

  /** An order in a state, with two tickets where it has any. */
  async function arrange(eventCode: string, status: OrderStatus): Promise<string> {
    const id = await orders.place(eventCode, {
      ticketType: "STANDARD",
      quantity: quantities[status] ?? 2,
      ...(status === "WAITING" ? { waitlist: true } : {}),
      hold: status === "HELD" || status === "EXPIRED",
    });
    if (status !== "PENDING") await orders.decide(eventCode);
    if (status === "CANCELLED") await ok(orders.change(id, "cancel"));
    if (status === "EXPIRED") await orders.expire(eventCode, id);
    assert.equal((await api.order(id)).status, status);
    return id;
  }

  const bodies = { confirm: {}, cancel: {}, extend: { holdSeconds: 60 } } as const;
  /** HTTP status, code of the problem, status of the order. */
  const answers: Readonly<Record<OrderStatus, Readonly<Record<Action, string>>>> = {
    PENDING: {
      confirm: "409 order-undecided PENDING",
      cancel: "409 order-undecided PENDING",
      extend: "409 order-undecided PENDING",
    },
    WAITING: {
      confirm: "409 order-not-confirmable WAITING",
      cancel: "200 - CANCELLED",
      extend: "409 order-not-held WAITING",
    },
    HELD: { confirm: "200 - CONFIRMED", cancel: "200 - CANCELLED", extend: "200 - HELD" },
    CONFIRMED: { confirm: "200 - CONFIRMED", cancel: "200 - CANCELLED", extend: "409 order-not-held CONFIRMED" },
    REJECTED: {
      confirm: "409 order-not-confirmable REJECTED",
      cancel: "409 order-not-cancellable REJECTED",
      extend: "409 order-not-held REJECTED",
    },
    CANCELLED: {
      confirm: "409 order-not-confirmable CANCELLED",
      cancel: "200 - CANCELLED",
      extend: "409 order-not-held CANCELLED",
    },
    EXPIRED: {
      confirm: "202 - EXPIRED",
      cancel: "409 order-not-cancellable EXPIRED",
      extend: "409 hold-expired EXPIRED",
    },
  };

  it("answers each call in each state with its code and the order's status", async () => {
    const eventCode = await api.createEvent({ STANDARD: 1_000 });
    await arrange(eventCode, "CONFIRMED");
    for (const status of orderStatuses.toSorted((a, b) => Number(a === "PENDING") - Number(b === "PENDING"))) {
      for (const action of ["confirm", "cancel", "extend"] as const) {
        const id = await arrange(eventCode, status);
        const answer = await orders.change(id, action, bodies[action], { prefer: "wait=0" });
        const { code = "-", orderStatus } = answer.body;
        const seen = `${answer.status} ${code} ${orderStatus ?? answer.body.status}`;
        assert.equal(seen, answers[status][action], `${action} of ${status}`);
        const isRetryable = answer.status === 409 ? answer.body.retryable : undefined;
        assert.equal(isRetryable, answer.status === 409 ? status === "PENDING" : undefined);
      }
    }
    await orders.decide(eventCode);
  });

  it("is as before after every call with bad input", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10, VIP: 10 });
    const held = await arrange(eventCode, "HELD");
    const paid = await arrange(eventCode, "HELD");
    await ok(orders.change(paid, "confirm", { paymentReference: "pay_1" }));
    const facts = async () => {
      const read = async (id: string) => [await api.order(id), (await api.get<Transition[]>(pathOf(id))).body];
      return [await read(held), await read(paid), await api.inventory(eventCode)];
    };
    const factsBefore = await facts();
    const line = (ticketType: string, quantity: number) => ({ ticketType, quantity });
    const eleven = Array.from({ length: 11 }, () => line("STANDARD", 1));
    const cases: readonly (readonly [string, Action, unknown, string])[] = [
      [held, "cancel", { items: eleven }, "400 validation-failed /items"],
      [held, "cancel", { items: [] }, "400 validation-failed /items"],
      [held, "cancel", { items: [line("STANDARD", 0)] }, "400 validation-failed /items/0/quantity"],
      [held, "cancel", { items: [line("STANDARD", 3)] }, "409 items-exceed-order HELD"],
      [held, "cancel", { items: [line("STANDARD", 2), line("STANDARD", 1)] }, "409 items-exceed-order HELD"],
      [held, "cancel", { items: [line("VIP", 1)] }, "409 items-exceed-order HELD"],
      [held, "cancel", { reason: "\u202e" }, "400 validation-failed /reason"],
      [held, "cancel", { all: true }, "400 validation-failed /all"],
      [held, "extend", { holdSeconds: 29 }, "400 validation-failed /holdSeconds"],
      [held, "extend", { holdSeconds: 3_601 }, "400 validation-failed /holdSeconds"],
      [held, "extend", { holdSeconds: "60" }, "400 validation-failed /holdSeconds"],
      [held, "extend", {}, "400 validation-failed /holdSeconds"],
      [held, "extend", { holdSeconds: 60, quantity: 1 }, "400 validation-failed /quantity"],
      [held, "confirm", { paymentReference: "two words" }, "400 validation-failed /paymentReference"],
      [held, "confirm", { reference: "pay_1" }, "400 validation-failed /reference"],
      [paid, "confirm", { paymentReference: "pay_2" }, "409 already-confirmed CONFIRMED"],
    ];
    for (const [id, action, body, expected] of cases) {
      const answer = await orders.change(id, action, body);
      const { code, errors, orderStatus } = answer.body;
      const where = errors?.[0]?.pointer ?? orderStatus;
      assert.equal(`${answer.status} ${code} ${where}`, expected, `${action} ${JSON.stringify(body)}`);
    }
    const unknown = "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10";
    for (const action of ["confirm", "cancel", "extend"] as const) {
      const { status, body } = await orders.change(unknown, action, bodies[action]);
      assert.deepEqual([status, body.code], [404, "order-not-found"]);
    }
    assert.deepEqual(await facts(), factsBefore);
  });

  it("is not recorded with 11 lines, a hold out of range, or two currencies", async () => {
    const price = (amount: number, currency: string) => ({ amount, currency });
    const eventCode = newKey();
    const ticketTypes = [
      { ticketType: "STANDARD", total: 10, price: price(4_500, "EUR") },
      { ticketType: "VIP", total: 10, price: price(12_000, "USD") },
      { ticketType: "FREE", total: 10 },
    ];
    const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
    assert.equal((await api.post("/api/v1/events", { code: eventCode, name: "x", ...times, ticketTypes })).status, 201);
    const items = (...types: string[]) => types.map((ticketType) => ({ ticketType, quantity: 1 }));
    const key = newKey();
    const buy = (body: object) =>
      api.post<Changed["body"]>("/api/v1/orders/purchase", { eventCode, ...body }, { "idempotency-key": key });
    for (const [body, pointer] of [
      [{ items: items(...Array.from({ length: 11 }, () => "VIP")) }, "/items"],
      [{ items: items("VIP"), holdSeconds: 29 }, "/holdSeconds"],
      [{ items: items("VIP"), holdSeconds: 3_601 }, "/holdSeconds"],
      [{ items: items("STANDARD", "FREE", "VIP") }, "/items"],
      [{ items: items("STANDARD", "VIP"), allowPartial: true, hold: true }, "/items"],
    ] as const) {
      const { status, body: problem } = await buy(body);
      assert.deepEqual([status, problem.code, problem.errors?.[0]?.pointer], [400, "validation-failed", pointer]);
    }
    assert.equal((await api.audit(eventCode)).orders.total, 0);
    const order = await buy({ items: items("STANDARD", "FREE") });
    assert.equal(order.status, 202, "the key is free");
    const reused = await buy({ items: items("STANDARD", "VIP") });
    assert.deepEqual([reused.status, reused.body.code], [422, "idempotency-key-reused"], "the key is looked for first");
  });

  it("is changed once by a request with a key, however its fields and items are written", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10, VIP: 10 });
    const line = (ticketType: string, quantity: number) => ({ ticketType, quantity });
    const id = await orders.place(eventCode, { items: [line("STANDARD", 5), line("VIP", 3)], hold: true });
    await orders.decide(eventCode);
    const headers = { "idempotency-key": newKey() };
    const first = { items: [line("STANDARD", 2), line("VIP", 1)], reason: "rain" };
    const order = await ok(orders.change(id, "cancel", first, headers));
    const kept = [line("STANDARD", 3), line("VIP", 2)];
    assert.deepEqual(order.items, kept);
    const swapped = { reason: "rain", items: [line("VIP", 1), line("STANDARD", 1), line("STANDARD", 1)] };
    assert.deepEqual(await ok(orders.change(id, "cancel", swapped, headers)), order);
    for (const other of [{ ...first, items: [line("STANDARD", 2)] }, { ...first, reason: "snow" }, {}]) {
      const { status, body } = await orders.change(id, "cancel", other, headers);
      assert.deepEqual([status, body.code], [422, "idempotency-key-reused"], JSON.stringify(other));
    }

    const extension = { "idempotency-key": newKey() };
    const extended = await ok(orders.change(id, "extend", { holdSeconds: 120 }, extension));
    assert.deepEqual(await ok(orders.change(id, "extend", { holdSeconds: 120 }, extension)), extended);
    const longer = await orders.change(id, "extend", { holdSeconds: 121 }, extension);
    assert.deepEqual([longer.status, longer.body.code], [422, "idempotency-key-reused"]);

    const whole = { "idempotency-key": newKey() };
    const cancelled = await ok(orders.change(id, "cancel", {}, whole));
    const withoutBody = await api.request<Order>("POST", `/api/v1/orders/${id}/cancel`, { headers: whole });
    assert.deepEqual([withoutBody.status, withoutBody.body], [200, cancelled]);
    assert.deepEqual((await api.order(id)).items, kept);
    await api.assertSound(eventCode);
  });
});

const pathOf = (id: string) => `/api/v1/orders/${id}/history`;
