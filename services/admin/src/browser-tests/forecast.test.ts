import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { describeForecast, secondsToSellOut } from "../browser/event/course/forecast.ts";

const gap = "\u00a0";

function selling(available: number, steadyPerSecond: number | null) {
  const stock = { ticketType: "A", total: 1_000, sold: 1_000 - available, held: 0, expiring: 0, available };
  return { inventory: [stock], pools: [], saleState: "open", steadyPerSecond } as const;
}

describe("the forecast of a sell-out", () => {
  it("is what is left by the steady pace, in words that are not more exact than that", () => {
    assert.equal(secondsToSellOut(selling(600, 4)), 150);
    assert.equal(describeForecast(selling(600, 4)), `sells out in about 3${gap}min`);
    assert.equal(describeForecast(selling(200, 4)), `sells out in about 50${gap}s`);
    assert.equal(describeForecast(selling(20, 4)), "sells out in seconds");
    assert.equal(describeForecast(selling(900, 0.1)), `sells out in about 2${gap}h`);
  });

  it("counts what types share once", () => {
    const [type] = selling(600, 4).inventory;
    const inventory = [type, { ...type, ticketType: "B" }].map((one) => ({ ...one, pools: ["HALL"] }));
    const shared = { ...selling(600, 4), inventory, pools: [{ name: "HALL", total: 1_000, available: 400 }] };
    assert.equal(secondsToSellOut(shared), 100);
  });

  it("says nothing without a steady pace, when nothing is left, the sale is not open, or it takes weeks", () => {
    for (const event of [
      selling(600, null),
      selling(600, 0),
      selling(0, 4),
      { ...selling(600, 4), saleState: "paused" } as const,
      selling(900, 0.001),
    ]) {
      assert.equal(describeForecast(event), undefined);
    }
  });
});
