import { strict as assert } from "node:assert";
import { test } from "node:test";
import { memoryGrowth } from "./watch-memory.ts";

const sample = (atMs: number, gateway: number) => ({ atMs, megabytes: new Map([["gateway", gateway] as const]) });

test("memory grows when the peak of the second half is above that of the first, whatever came before and after", () => {
  const samples = [sample(0, 900), sample(10, 100), sample(19, 200), sample(20, 150), sample(29, 250), sample(30, 900)];
  assert.equal(memoryGrowth(samples, "gateway", [10, 30]), 1.25);
});

test("nothing is known of the memory of a role without samples", () => {
  assert.equal(memoryGrowth([sample(10, 100), sample(20, 100)], "worker", [10, 30]), undefined);
  assert.equal(memoryGrowth([sample(10, 100)], "gateway", [10, 30]), undefined);
});
