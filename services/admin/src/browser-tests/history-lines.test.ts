import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { linesOf } from "../browser/event/course/history-lines.ts";
import type { SaleHistory } from "../console/messages/event-messages.ts";

const history: SaleHistory = {
  isComplete: true,
  startMs: 1_000_000,
  widthSeconds: 10,
  series: [
    { ticketType: null, sold: [50, 0, 30], returned: [0, 5, 0], refused: [0, 0, 20] },
    { ticketType: "A", sold: [30, 0, 10], returned: [0, 5, 0], refused: [0, 0, 20] },
    { ticketType: "B", sold: [20, 0, 20], returned: [0, 0, 0], refused: [0, 0, 0] },
  ],
  decidedCount: 10,
  rejections: [],
};

describe("the lines of an event's charts", () => {
  it("begin with nothing sold, and end with what is sold less what was given back", () => {
    const { times, sold, soldPerSecond, refusedPerSecond, peakPerSecond } = linesOf(history, null);
    assert.deepEqual(times, [1_000_000, 1_010_000, 1_020_000, 1_030_000]);
    assert.deepEqual(sold, [0, 50, 45, 75]);
    assert.deepEqual(soldPerSecond, [0, 5, 0, 3]);
    assert.deepEqual(refusedPerSecond, [0, 0, 0, 2]);
    assert.equal(peakPerSecond, 5);
  });

  it("are those of the chosen ticket types", () => {
    assert.deepEqual(linesOf(history, ["A"]).sold, [0, 30, 25, 35]);
    assert.deepEqual(linesOf(history, ["A", "B"]).sold, [0, 50, 45, 75]);
    assert.deepEqual(linesOf(history, ["C"]).sold, [0, 0, 0, 0]);
  });

  it("are empty before the first decision", () => {
    assert.deepEqual(linesOf({ ...history, startMs: null, series: [] }, null).times, []);
  });
});
