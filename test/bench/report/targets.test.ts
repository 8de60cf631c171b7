import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { ContestantName, Figures, ScenarioName } from "../names.ts";
import { type Result, summarise } from "./results.ts";
import { judge } from "./targets.ts";

function decided(scenario: ScenarioName, contestant: ContestantName, perSecond: readonly number[]): Result {
  return summarise(
    scenario,
    contestant,
    perSecond.map((value): Figures => ({ decidedPerSecond: value })),
  );
}

function judged(name: string, results: readonly Result[]) {
  const found = judge(results).find((target) => target.name === name);
  assert(found !== undefined);
  return found;
}

test("a ratio is computed per round, from the best contestant of each side", () => {
  const results = [
    decided("hot-event", "onsale-postgres", [10_000, 12_000, 11_000]),
    decided("hot-event", "onsale-redis", [9_000, 9_000, 9_000]),
    decided("hot-event", "synchronous-pessimistic", [500, 400, 550]),
    decided("hot-event", "synchronous-optimistic", [300, 900, 200]),
  ];
  const { measured, reached, note } = judged("one hot event ÷ best synchronous design", results);
  assert.deepEqual(measured, { median: 20, min: 20, max: 30 });
  assert.equal(reached, true);
  assert.equal(note, "Onsale, PostgreSQL queues ÷ synchronous, pessimistic");
});

test("a target that the median misses is not reached", () => {
  const results = [
    summarise("old-orders", "onsale-postgres", [{ decidedPerSecond: 8_900, "baseline.decidedPerSecond": 10_000 }]),
  ];
  assert.equal(judged("with old orders ÷ empty", results).reached, false);
});

test("a target with an upper limit is reached below it", () => {
  const results = [
    summarise("idle", "onsale-postgres", [{ "accept.p50Ms": 6 }]),
    summarise("idle", "onsale-redis", [{ "accept.p50Ms": 3 }]),
  ];
  const { measured, reached } = judged("idle: submit and wait, median", results);
  assert.deepEqual([measured?.median, reached], [6, true]);
});

test("purchases beside cancellations are compared with purchases alone, of the same run", () => {
  const rounds = [4_000, 5_000].map((value) => ({ decidedPerSecond: value, "baseline.decidedPerSecond": 10_000 }));
  const results = [summarise("cancel-storm", "onsale-postgres", rounds)];
  const { measured, reached } = judged("purchases beside as many cancellations ÷ alone", results);
  assert.deepEqual([measured?.median, reached], [0.45, true]);
  assert.equal(judged("held and confirmed ÷ plain purchases", results).reached, null);
});

test("an event with rules is compared with a plain one, of the same run", () => {
  const rounds = [7_000, 8_000].map((value) => ({ decidedPerSecond: value, "baseline.decidedPerSecond": 10_000 }));
  const { measured, reached } = judged("with limits, pools and a window ÷ plain", [
    summarise("ruled-event", "onsale-postgres", rounds),
  ]);
  assert.deepEqual([measured?.median, reached], [0.75, true]);
});

test("an open crowd is compared with the best of the same run; only accepted purchases have to be answered soon", () => {
  const rounds = [
    { decidedPerSecond: 900, "baseline.decidedPerSecond": 1_000, "accept.p99Ms": 9_000, "accepted.p99Ms": 100 },
  ];
  const results = [summarise("open-crowd", "onsale-postgres", rounds)];
  assert.equal(judged("decided while an open crowd of 10 × comes ÷ at best", results).measured?.median, 0.9);
  assert.equal(judged("p99 from due to accepted, while an open crowd of 10 × comes", results).reached, true);
});

test("a target without runs is neither reached nor missed", () => {
  for (const { measured, reached } of judge([])) assert.deepEqual([measured, reached], [null, null]);
});
