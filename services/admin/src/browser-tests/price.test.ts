import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { parsePrice, writeAmount } from "../browser/event/changes/price.ts";

describe("a price that somebody types", () => {
  it("is in the minor unit of its currency", () => {
    assert.deepEqual(parsePrice("12.5", "eur"), { amount: 1_250, currency: "EUR" });
    assert.deepEqual(parsePrice("12,05", "EUR"), { amount: 1_205, currency: "EUR" });
    assert.deepEqual(parsePrice("0", "EUR"), { amount: 0, currency: "EUR" });
    assert.deepEqual(parsePrice("1500", "JPY"), { amount: 1_500, currency: "JPY" });
    assert.deepEqual(parsePrice("1.234", "KWD"), { amount: 1_234, currency: "KWD" });
    // 0.29 is no binary fraction.
    assert.deepEqual(parsePrice("0.29", "EUR"), { amount: 29, currency: "EUR" });
  });

  it("is none when it is empty, and refused when it is no amount", () => {
    assert.equal(parsePrice("", "EUR"), null);
    for (const [amount, currency] of [
      ["1.005", "EUR"],
      ["1.5", "JPY"],
      ["-1", "EUR"],
      ["1e3", "EUR"],
      ["1,000.00", "EUR"],
      ["1", ""],
      ["1", "EURO"],
    ] as const) {
      assert.equal(parsePrice(amount, currency), undefined, `${amount} ${currency}`);
    }
  });

  it("is written as it is read", () => {
    for (const price of [
      { amount: 1_205, currency: "EUR" },
      { amount: 7, currency: "JPY" },
      { amount: 5, currency: "KWD" },
    ]) {
      assert.deepEqual(parsePrice(writeAmount(price), price.currency), price);
    }
  });
});
