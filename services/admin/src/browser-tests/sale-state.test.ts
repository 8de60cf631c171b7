import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { describeSale, nameSale } from "../browser/event/describe-sale.ts";
import { sumStock } from "../browser/parts/stock.ts";
import type { StockLine } from "../console/messages/messages.ts";

const nowMs = Date.parse("2030-01-01T12:00:00Z");
const sale = { saleState: "open", opensAt: null, closesAt: null } as const;
const gap = "\u00a0";

describe("the state of a sale", () => {
  it("counts down to the opening, by the server's time", () => {
    const scheduled = { ...sale, saleState: "scheduled", opensAt: "2030-01-01T12:01:30Z" } as const;
    assert.equal(nameSale(scheduled, nowMs), `opens in 90${gap}s`);
    assert.equal(nameSale(scheduled, nowMs + 90_000), "opens now");
    assert.match(describeSale(scheduled, nowMs), /^Opens on 1 Jan 2030.*, and is open without end\.$/);
  });

  it("says of a pause what comes after it, and of each other state until when or since when", () => {
    const closesAt = "2030-01-01T14:00:00Z";
    const paused = { saleState: "paused", opensAt: "2030-01-01T13:00:00Z", closesAt } as const;
    assert.match(describeSale(paused, nowMs), /It is to open on 1 Jan 2030.*, until 1 Jan 2030/);
    assert.match(
      describeSale({ ...paused, opensAt: null }, nowMs),
      /payments go on\. It is to be open until 1 Jan 2030/,
    );
    assert.match(describeSale({ ...sale, closesAt }, nowMs), new RegExp(`^Open until .*: closes in 2${gap}h\\.$`));
    assert.equal(describeSale(sale, nowMs), "Open without end.");
    assert.match(describeSale({ ...sale, saleState: "closed", closesAt }, nowMs), /^Closed since 1 Jan 2030/);
    assert.equal(nameSale({ ...sale, saleState: "cancelled" }, nowMs), "cancelled");
  });
});

describe("the stock of several ticket types", () => {
  const line = (part: Partial<StockLine>): StockLine => {
    return { ticketType: "A", total: 10, sold: 0, held: 0, expiring: 0, available: 10, ...part };
  };

  it("is bounded by the pools that they share", () => {
    const hall = { name: "HALL", total: 12, available: 5 };
    const sharing = [
      line({ sold: 4, available: 5, pools: ["HALL"] }),
      line({ held: 3, available: 5, pools: ["HALL"] }),
    ];
    const { total, sold, held, available } = sumStock([...sharing, line({})], [hall]);
    assert.deepEqual([total, sold, held, available], [22, 4, 3, 15]);
  });

  it("is their sum without pools", () => {
    assert.deepEqual(sumStock([line({}), line({ sold: 1, available: 9 })]), {
      total: 20,
      sold: 1,
      held: 0,
      expiring: 0,
      available: 19,
    });
  });
});
