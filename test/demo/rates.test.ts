import { strict as assert } from "node:assert";
import { it } from "node:test";
import { createLedger } from "./ledger.ts";
import { createRates } from "./rates.ts";

it("rates cover the last second, also when they are measured at irregular times", () => {
  const { counts } = createLedger(1);
  let nowMs = 0;
  const rates = createRates(counts, () => nowMs);
  for (const stepMs of [250, 10, 400, 340, 250, 700, 50, 1_000, 3_000]) {
    rates.measure();
    nowMs += stepMs;
    counts.started += stepMs * 2;
    counts.accepted += stepMs;
  }
  rates.measure();
  assert.deepEqual([rates.current().started, rates.current().accepted, rates.current().replays], [2_000, 1_000, 0]);
  assert(rates.history().every((value) => value === 2_000));
  nowMs += 5_000;
  rates.measure();
  assert.equal(rates.current().started, 0);
});
