import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { forgetCustomer } from "@onsale/database/statements/orders/forget-customer";
import { createAccessCodes } from "@onsale/database/statements/rules/access-codes";
import { changeRules, type RulesChange } from "@onsale/database/statements/rules/change-rules";
import { RulesRefusedError } from "@onsale/database/statements/rules/rules-refused";
import { applyTransitions } from "@onsale/database/transitions/apply-transitions";
import { bucketOf } from "@onsale/domain/bucket";
import { createCustomerHash } from "@onsale/security/customer-hash";
import { decideBatch } from "@onsale/worker/batch";
import { makeOffers } from "@onsale/worker/offers";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import {
  createTestEvent,
  type PlacedOrder,
  placeOrders,
  type TestEvent,
  times,
} from "../../support/database/factories.ts";
import { expireHold } from "../../support/database/holds.ts";
import { assertSound, readOrders } from "../../support/database/sale.ts";
import { createRandom } from "../../support/random.ts";

const hashCustomer = createCustomerHash(Buffer.alloc(32, 7));
const hashOf = (ref: string) => hashCustomer(ref).toString("hex");
const stepCount = 120;

describe("the rules of an event", () => {
  let db: Db;
  before(async () => {
    db = connect(await createTestDatabase());
  });

  const change = (event: TestEvent, rules: RulesChange) =>
    db.transaction().execute((tx) => {
      return changeRules(
        tx,
        { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" },
        rules,
      );
    });
  const decide = (event: TestEvent) => decideBatch(db, { buckets: [bucketOf(event.id)], countMax: 500, hashCustomer });
  const statusesOf = async (event: TestEvent) => (await readOrders(db, event)).map(({ status }) => status);
  const cancel = (order: PlacedOrder) =>
    applyTransitions(db, [
      {
        accountId: order.accountId,
        orderId: order.id,
        actor: "test",
        wish: { kind: "cancel", items: null, reason: null },
        key: null,
        matches: () => true,
      },
    ]);

  it("draws on the pools of all lines, and gives back to all of them", async () => {
    const event = await createTestEvent(db, { ADULT: 10, CHILD: 10 });
    await change(event, {
      pools: [{ name: "HALL", total: 5 }],
      ticketTypes: [
        { ticketType: "ADULT", pools: ["HALL"] },
        { ticketType: "CHILD", pools: ["HALL"] },
      ],
    });
    const lines = [
      { ticketType: "ADULT", quantity: 2 },
      { ticketType: "CHILD", quantity: 2 },
    ];
    const [family] = await placeOrders(db, event, [
      { ticketType: null, quantity: 4, terms: { lines } },
      { ticketType: "CHILD", quantity: 2 },
      { ticketType: "ADULT", quantity: 1 },
    ]);
    await decide(event);
    assert(family);
    assert.deepEqual(await statusesOf(event), ["CONFIRMED", "REJECTED", "CONFIRMED"]);
    const [, refused] = await readOrders(db, event);
    assert.deepEqual(refused?.shortage, [{ ticketType: "CHILD", requested: 2, available: 1, counter: "pool:HALL" }]);

    await cancel(family);
    await applyReturns(db, [bucketOf(event.id)]);
    await placeOrders(db, event, [{ ticketType: "CHILD", quantity: 4 }]);
    await decide(event);
    assert.equal((await statusesOf(event)).at(-1), "CONFIRMED");
    await assertSound(db, event);
  });

  it("counts what a customer has from before the limit, and gives back when an order ends", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const customerRef = "customer-1";
    const [early] = await placeOrders(db, event, [{ quantity: 3, customerRef }]);
    await decide(event);
    await change(event, { maxPerCustomer: 4 });
    const terms = { customer: hashOf(customerRef) };
    await placeOrders(db, event, [
      { quantity: 2, customerRef },
      { quantity: 1, customerRef, terms },
      { quantity: 1, customerRef, terms },
      { quantity: 4, customerRef: "customer-2" },
      { quantity: 1 },
    ]);
    await decide(event);
    assert.deepEqual(await statusesOf(event), [
      "CONFIRMED",
      "REJECTED",
      "CONFIRMED",
      "REJECTED",
      "CONFIRMED",
      "REJECTED",
    ]);
    assert.equal((await readOrders(db, event))[1]?.reason, "customer-limit");
    assert(early);
    await cancel(early);
    await applyReturns(db, [bucketOf(event.id)]);
    await placeOrders(db, event, [
      { quantity: 4, customerRef },
      { quantity: 3, customerRef },
    ]);
    await decide(event);
    assert.deepEqual((await statusesOf(event)).slice(-2), ["REJECTED", "CONFIRMED"]);
    await assertSound(db, event);
  });

  const forget = ({ accountId }: TestEvent, customerRef: string) =>
    forgetCustomer(db, { accountId, customerRef, customer: hashCustomer(customerRef) }, 1_000);

  it("go on counting a customer who was forgotten before the limit", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const customerRef = "customer-3";
    const [early] = await placeOrders(db, event, [{ quantity: 4, customerRef }]);
    await decide(event);
    await forget(event, customerRef);
    await change(event, { maxPerCustomer: 4 });
    await placeOrders(db, event, [{ quantity: 4, customerRef }]);
    await decide(event);
    assert.deepEqual(await statusesOf(event), ["CONFIRMED", "REJECTED"]);
    await assertSound(db, event);
    assert(early);
    await cancel(early);
    await applyReturns(db, [bucketOf(event.id)]);
    await placeOrders(db, event, times(2, { quantity: 4, customerRef }));
    await decide(event);
    assert.deepEqual((await statusesOf(event)).slice(-2), ["CONFIRMED", "REJECTED"]);
    await assertSound(db, event);
  });

  it("go on counting a customer who was forgotten before their limit moved to a ticket type", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const customerRef = "customer-4";
    await change(event, { maxPerCustomer: 4 });
    await placeOrders(db, event, [{ quantity: 3, customerRef, terms: { customer: hashOf(customerRef) } }]);
    await decide(event);
    await change(event, { maxPerCustomer: null, ticketTypes: [{ ticketType: "STANDARD", maxPerCustomer: 4 }] });
    // Forgotten while it is pending; the lane meets the customer by this order first.
    await placeOrders(db, event, [{ quantity: 1, customerRef }]);
    await forget(event, customerRef);
    await decide(event);
    await placeOrders(db, event, [{ quantity: 1, customerRef }]);
    await decide(event);
    assert.deepEqual(await statusesOf(event), ["CONFIRMED", "CONFIRMED", "REJECTED"]);
    await assertSound(db, event);
  });

  it("offers what comes back to the first in line that it fits, and to nobody past a strict list", async () => {
    for (const waitlistPolicy of ["skip", "strict"] as const) {
      const event = await createTestEvent(db, { STANDARD: 3 });
      await change(event, { waitlistPolicy });
      const terms = { waitlist: true } as const;
      const [first] = await placeOrders(db, event, [{}, { quantity: 2 }, { quantity: 2, terms }, { terms }, {}]);
      await decide(event);
      assert.deepEqual(await statusesOf(event), ["CONFIRMED", "CONFIRMED", "WAITING", "WAITING", "REJECTED"]);
      assert(first);
      await cancel(first);
      await applyReturns(db, [bucketOf(event.id)]);
      // A newcomer is not decided before the offer.
      await placeOrders(db, event, [{}]);
      while ((await decide(event)).kind !== "nothing-pending");
      const isStrict = waitlistPolicy === "strict";
      const after = ["CANCELLED", "CONFIRMED", "WAITING", isStrict ? "WAITING" : "HELD", "REJECTED", "REJECTED"];
      assert.deepEqual(await statusesOf(event), after);
      assert.equal((await readOrders(db, event)).at(-1)?.reason, isStrict ? "waiting-list-first" : "sold-out");
      await assertSound(db, event);
    }
  });

  it("keep every counter within its limit in random sales, which the audit can replay", async (context) => {
    const { random, seed } = createRandom();
    context.diagnostic(`TEST_SEED=${seed}`);
    for (let sale = 0; sale < 4; sale++) await runRandomSale((below) => Math.floor(random() * below));
  });

  async function runRandomSale(random: (below: number) => number): Promise<void> {
    const pick = <T>(items: readonly [T, ...T[]]): T => items[random(items.length)] ?? items[0];
    const types = ["A", "B", "C"] as const;
    const event = await createTestEvent(db, { A: 8, B: 8, C: 30 });
    const owner = { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" };
    const code = { hint: "aa", ticketTypes: ["C"], maxPerOrder: null };
    const codes = await db.transaction().execute((tx) =>
      createAccessCodes(tx, owner, [
        { ...code, digest: Buffer.from("1"), maxUses: 3 },
        { ...code, digest: Buffer.from("2"), maxUses: 1 },
      ]),
    );
    assert(codes);
    const orders: PlacedOrder[] = [];
    const steps: [() => Promise<unknown>, ...(() => Promise<unknown>)[]] = [
      async () => {
        const customerRef = pick([null, "x", "y", "z"]);
        const lines = types
          .filter(() => random(2) === 0)
          .map((ticketType) => ({ ticketType, quantity: 1 + random(3) }));
        const [only = { ticketType: "A", quantity: 1 }] = lines;
        const terms = {
          ...(lines.length > 1 ? { lines } : {}),
          ...(random(2) === 0 ? { holdSeconds: 600 } : {}),
          ...(random(3) === 0 && lines.length > 1 ? { allowPartial: true as const } : {}),
          ...(random(3) === 0 ? { waitlist: true as const } : {}),
          ...(random(5) === 0 ? { code: codes[random(2)]?.id ?? 0 } : {}),
          ...(customerRef !== null && random(2) === 0 ? { customer: hashOf(customerRef) } : {}),
        };
        const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
        const columns = lines.length > 1 ? { ticketType: null, quantity } : only;
        orders.push(...(await placeOrders(db, event, [{ ...columns, customerRef, terms }])));
      },
      () => decide(event),
      () => applyReturns(db, [bucketOf(event.id)]),
      async () => {
        const order = orders[random(orders.length)];
        if (order !== undefined) await cancel(order);
      },
      async () => {
        const held = (await readOrders(db, event)).filter(({ status }) => status === "HELD");
        const chosen = held[random(held.length)];
        if (chosen !== undefined) await expireHold(db, chosen.id);
      },
      async () => random(4) === 0 && change(event, randomRules()),
      async () => random(4) === 0 && forget(event, pick(["x", "y", "z"])),
      () => makeOffers(db, event.id),
    ];
    const randomRules = (): RulesChange => ({
      maxPerCustomer: pick([undefined, null, 3, 6]),
      waitlistPolicy: pick([undefined, "skip", "strict"] as const),
      pools: [{ name: "P", total: 10 + random(10) }, ...(random(2) === 0 ? [{ name: "Q", total: 25 }] : [])],
      ticketTypes: types.map((ticketType) => ({
        ticketType,
        pools: pick([undefined, [], ["P"]]),
        maxPerCustomer: pick([undefined, null, 2]),
      })),
    });
    for (let step = 0; step < stepCount; step++) {
      const run = step % 3 === 0 ? steps[0] : pick(steps);
      try {
        await run?.();
      } catch (error) {
        // A pool with more than its new total stays as it is.
        if (classify(error) !== "stock-changed" && !(error instanceof RulesRefusedError)) throw error;
      }
      if (step % 25 === 0) await assertSound(db, event);
    }
    await decide(event);
    await assertSound(db, event);
  }
});
