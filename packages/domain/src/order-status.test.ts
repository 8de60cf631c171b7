import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { type OrderStatus, orderStatuses } from "@onsale/contracts/order";
import fc from "fast-check";
import { canBecome, hasDecision, isFinal } from "./order-status.ts";

/** Statuses that no transition leaves. */
const endStatuses: readonly OrderStatus[] = ["REJECTED", "EXPIRED", "CANCELLED"];

/** The statuses of one order, of which somebody tries to make all sorts of things. */
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
  it("never leaves rejected, expired or cancelled", () => {
    assertLives((life) => life.slice(0, -1).every((status) => !endStatuses.includes(status)));
  });

  it("changes from confirmed to cancelled only", () => {
    assertLives((life) => life.every((status, index) => life[index - 1] !== "CONFIRMED" || status === "CANCELLED"));
  });

  it("is never the same twice, so that a life has at most four statuses", () => {
    assertLives((life) => new Set(life).size === life.length && life.length <= 4);
  });

  it("has a decision from its first transition on", () => {
    assertLives((life) => life.slice(1).every(hasDecision));
    assert.equal(hasDecision("PENDING"), false);
  });

  it("is final unless the order waits for a decision or for its payment", () => {
    assert.deepEqual(
      orderStatuses.filter((status) => !isFinal(status)),
      ["PENDING", "HELD"],
    );
  });

  it("can be any status of the contract, in some life", () => {
    const reached = new Set<OrderStatus>(["PENDING"]);
    for (const from of reached) {
      for (const to of orderStatuses) if (canBecome(from, to)) reached.add(to);
    }
    assert.deepEqual([...reached].sort(), [...orderStatuses].sort());
  });

  it("comes to an end exactly in rejected, expired or cancelled", () => {
    const ends = orderStatuses.filter((from) => !orderStatuses.some((to) => canBecome(from, to)));
    assert.deepEqual(ends, endStatuses);
  });
});
