import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { describeResult } from "../browser/orders/describe-attempt.ts";
import { titleOf } from "../browser/orders/describe-order.ts";

describe("an order's title", () => {
  const balcony = { ticketType: "BALCONY", quantity: 4 };

  it("says what is wanted, and for whom", () => {
    assert.equal(titleOf({ tickets: [balcony], customerRef: "customer-18810" }), "4 BALCONY for customer-18810");
    assert.equal(titleOf({ tickets: [balcony], customerRef: null }), "4 BALCONY");
  });

  it("has all types of a basket", () => {
    const tickets = [
      { ticketType: "ADULT", quantity: 2 },
      { ticketType: "CHILD", quantity: 1 },
    ];
    assert.equal(titleOf({ tickets, customerRef: "ada" }), "2 ADULT + 1 CHILD for ada");
  });
});

describe("the result of an attempt", () => {
  it("is said in words, and an unknown one as it is", () => {
    assert.equal(describeResult({ result: "timeout" }), "the receiver took too long");
    assert.equal(describeResult({ result: "of a later version" }), "of a later version");
  });
});
