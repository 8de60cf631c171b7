import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { OrderStatus } from "@onsale/contracts/order";
import { orderStatuses } from "@onsale/contracts/values";
import fc from "fast-check";
import { canBecome, canChange, hasDecision, isFinal } from "./order-status.ts";

/** Statuses that no transition leaves. */
const endStatuses: readonly OrderStatus[] = ["REJECTED", "CANCELLED"];

/** The statuses of one order under random attempts to change it. */
const lives: fc.Arbitrary<OrderStatus[]> = fc
  .array(fc.constantFrom(...orderStatuses), { minLength: 1, maxLength: 30 })
  .map((attempts) => {
    const life: OrderStatus[] = ["PENDING"];
    for (const next of attempts) {
      const current = life.at(-1) ?? "PENDING";
      if (canBecome(current, next)) life.push(next);
    }
    return life;
  });

function assertLives(predicate: (life: readonly OrderStatus[]) => boolean): void {
  fc.assert(fc.property(lives, predicate));
}

describe("an order's status", () => {
  it("never leaves rejected or cancelled", () => {
    assertLives((life) => life.slice(0, -1).every((status) => !endStatuses.includes(status)));
  });

  it("changes from confirmed to cancelled only", () => {
    assertLives((life) => life.every((status, index) => life[index - 1] !== "CONFIRMED" || status === "CANCELLED"));
  });

  it("is never the same twice, so an order has at most six statuses in its life", () => {
    assertLives((life) => new Set(life).size === life.length && life.length <= 6);
  });

  it("has a decision after its first transition", () => {
    assertLives((life) => life.slice(1).every(hasDecision));
    assert.equal(hasDecision("PENDING"), false);
  });

  it("is final unless the order is pending, waiting or held", () => {
    assert.deepEqual(
      orderStatuses.filter((status) => !isFinal(status)),
      ["PENDING", "WAITING", "HELD"],
    );
  });

  it("can become any status of the contract", () => {
    const reached = new Set<OrderStatus>(["PENDING"]);
    for (const from of reached) {
      for (const to of orderStatuses) if (canBecome(from, to)) reached.add(to);
    }
    assert.deepEqual([...reached].sort(), [...orderStatuses].sort());
  });

  it("has no further transition exactly from rejected and cancelled", () => {
    const ends = orderStatuses.filter((from) => !orderStatuses.some((to) => canBecome(from, to)));
    assert.deepEqual(ends, endStatuses);
    assert.deepEqual(
      orderStatuses.filter((status) => !canChange(status)),
      endStatuses,
    );
  });
});
