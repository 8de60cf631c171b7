import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { rejectionReasons } from "@onsale/contracts/values";
import { describeReason } from "./describe-reason.ts";

const plain = { shortage: null, ticketType: "BALCONY", quantity: 4 };
const basket = { shortage: null, ticketType: null, quantity: 3 };
const short = { ticketType: "BALCONY", requested: 4, available: 1, counter: "BALCONY" };

describe("the reason of a rejected order", () => {
  it("says how many tickets were asked for, and how many were left", () => {
    const reason = "insufficient-stock";
    assert.equal(describeReason({ ...plain, reason, shortage: [short] }), "Sold out: 4 BALCONY asked for, 1 was left.");
    assert.equal(
      describeReason({ ...plain, reason, shortage: [{ ...short, available: 3, counter: "pool:HALL" }] }),
      "Sold out: 4 BALCONY asked for, 3 were left in the pool HALL.",
    );
    const lines = [short, { ...short, ticketType: "VIP", requested: 1, available: 0, counter: "event" }];
    assert.equal(
      describeReason({ ...basket, reason, shortage: lines }),
      "Sold out: 4 BALCONY asked for, 1 was left; 1 VIP asked for, none was left of all tickets together.",
    );
    assert.equal(describeReason({ ...basket, reason }), rejectionReasons[reason]);
  });

  it("needs nothing stored for a plain order when nothing was left", () => {
    assert.equal(describeReason({ ...plain, reason: "sold-out" }), "Sold out: 4 BALCONY asked for, none was left.");
  });

  it("names the limit of the customer, and what else the order lacked", () => {
    const reason = "customer-limit";
    const limited = { ...short, available: 2, counter: "customer:BALCONY" };
    assert.equal(
      describeReason({ ...plain, reason, shortage: [limited] }),
      "Over the limit per customer: 4 BALCONY asked for, 2 were still allowed.",
    );
    assert.equal(
      describeReason({ ...basket, reason, shortage: [limited, { ...short, ticketType: "VIP", counter: "VIP" }] }),
      "Over the limit per customer: 4 BALCONY asked for, 2 were still allowed; 4 VIP asked for, 1 was left.",
    );
    assert.equal(describeReason({ ...plain, reason }), rejectionReasons[reason]);
  });

  it("is a sentence, whatever it is, and nothing for an order that was not rejected", () => {
    for (const reason of ["access-code-used-up", "waiting-list-first", "event-cancelled", "internal-error"] as const) {
      assert.match(String(describeReason({ ...plain, reason })), /^[A-Z].*\.$/);
    }
    assert.equal(describeReason({ ...plain, reason: null }), null);
  });
});
