import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { SalesRow } from "@onsale/database/statements/events/summarise-sales";
import { createHistoryBuilder, intervalCountMax } from "./sale-history.ts";

const startSeconds = 1_900_000_000;

function row(part: Partial<SalesRow>): SalesRow {
  return {
    startSeconds,
    from: "PENDING",
    to: "CONFIRMED",
    isPartial: false,
    reason: null,
    ticketType: "A",
    tickets: 2,
    amount: null,
    currency: null,
    transitionCount: 1,
    orderCount: 1,
    ...part,
  };
}

function historyOf(rows: readonly SalesRow[]) {
  const builder = createHistoryBuilder();
  for (const one of rows) builder.add(one);
  return builder.present();
}

const total = (values: readonly number[] = []) => values.reduce((sum, value) => sum + value, 0);

describe("the history of a sale", () => {
  it("is empty before the first decision", () => {
    const { startMs, series, decidedCount, rejections } = historyOf([]);
    assert.deepEqual([startMs, series, decidedCount, rejections], [null, [], 0, []]);
  });

  it("counts what was sold and given back by ticket type, and in all", () => {
    const { startMs, widthSeconds, series } = historyOf([
      row({}),
      row({ ticketType: "B", tickets: 3, orderCount: 0 }),
      row({ to: "HELD", tickets: 9 }),
      row({ startSeconds: startSeconds + 2, from: "HELD", tickets: 4 }),
      row({ startSeconds: startSeconds + 3, from: "CONFIRMED", to: "CONFIRMED", isPartial: true, tickets: 1 }),
    ]);
    assert.deepEqual([startMs, widthSeconds], [startSeconds * 1_000, 1]);
    assert.deepEqual(series, [
      { ticketType: null, sold: [5, 0, 4, 0], returned: [0, 0, 0, 1], refused: [0, 0, 0, 0] },
      { ticketType: "A", sold: [2, 0, 4, 0], returned: [0, 0, 0, 1], refused: [0, 0, 0, 0] },
      { ticketType: "B", sold: [3, 0, 0, 0], returned: [0, 0, 0, 0], refused: [0, 0, 0, 0] },
    ]);
  });

  it("counts an order that asks for two types as one rejected order, with its reason in words", () => {
    const rejected = { to: "REJECTED", reason: "sold-out" } as const;
    const { series, decidedCount, rejections } = historyOf([
      row({ ...rejected }),
      row({ ...rejected, ticketType: "B", orderCount: 0 }),
      row({ to: "REJECTED", reason: "of-a-later-version", transitionCount: 5, orderCount: 5 }),
      row({}),
    ]);
    assert.equal(decidedCount, 7);
    assert.deepEqual(rejections, [
      { reason: "of-a-later-version", words: "of-a-later-version", orders: 5 },
      { reason: "sold-out", words: "The ticket type is sold out", orders: 1 },
    ]);
    assert.deepEqual(
      series.map(({ refused }) => total(refused)),
      [6, 6, 1],
    );
  });

  it("has at most some hundred intervals, which become longer, and loses nothing", () => {
    for (const [seconds, widthSeconds] of [
      [239, 1],
      [240, 5],
      [3_600, 30],
      [30 * 86_400, 21_600],
      [1_000 * 86_400, 86_400 * 8],
    ] as const) {
      const rows = Array.from({ length: 1_000 }, (_, n) =>
        row({ startSeconds: startSeconds + Math.floor((n * seconds) / 999) }),
      );
      // The order in which rows come must not matter.
      const history = historyOf([...rows.slice(500), ...rows.slice(0, 500)]);
      const [all] = history.series;
      assert.equal(history.widthSeconds, widthSeconds);
      assert(all !== undefined && all.sold.length <= intervalCountMax, `${all?.sold.length} intervals`);
      assert.equal(total(all.sold), 2_000);
      assert((history.startMs ?? 0) <= startSeconds * 1_000);
    }
  });
});
