import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { formatPercent, formatTime } from "../browser/format.ts";

describe("formatted values", () => {
  it("are whole percents, rounded down, without errors of binary fractions", () => {
    for (let part = 0; part <= 100; part++) assert.equal(formatPercent(part, 100), `${part}\u00a0%`);
    assert.equal(formatPercent(999_999, 1_000_000), "99\u00a0%");
    assert.equal(formatPercent(0, 0), "0\u00a0%");
  });

  it("are times without the date when it is today, and with it otherwise", () => {
    const now = new Date();
    const noon = new Date(now.getFullYear(), now.getMonth(), now.getDate(), 12, 34, 56);
    assert.equal(formatTime(noon.getTime()), "12:34:56");
    assert.match(formatTime(new Date(2020, 5, 1, 12, 34, 56).toISOString()), /^1 Jun 2020.*12:34:56$/);
  });
});
