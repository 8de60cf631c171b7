import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { formatPercent, formatTime } from "../browser/format.ts";

describe("formatted values", () => {
  it("are percents with one decimal, rounded down, without errors of binary fractions", () => {
    for (let part = 1; part < 1_000; part++) {
      assert.equal(formatPercent(part, 1_000), `${Math.floor(part / 10)}.${part % 10}\u00a0%`);
    }
    assert.equal(formatPercent(24, 6_000), "0.4\u00a0%");
  });

  it("are 100 % only for all, and 0 % only for none", () => {
    assert.equal(formatPercent(999_999, 1_000_000), "99.9\u00a0%");
    assert.equal(formatPercent(7, 7), "100\u00a0%");
    assert.equal(formatPercent(1, 1_000_000), "<\u00a00.1\u00a0%");
    assert.equal(formatPercent(0, 7), "0\u00a0%");
    assert.equal(formatPercent(0, 0), "0\u00a0%");
  });

  it("are times without the date when it is today, and with it otherwise", () => {
    const now = new Date();
    const noon = new Date(now.getFullYear(), now.getMonth(), now.getDate(), 12, 34, 56);
    assert.equal(formatTime(noon.getTime()), "12:34:56");
    assert.match(formatTime(new Date(2020, 5, 1, 12, 34, 56).toISOString()), /^1 Jun 2020.*12:34:56$/);
  });
});
