// Tests the tester: with each planted defect, a short run without other faults is found to break a promise.
import { strict as assert } from "node:assert";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { endWithSuite } from "../../support/cleanup.ts";
import { createRandom } from "../../support/random.ts";
import { runRound } from "../run-chaos.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { plantedDefects } from "./database-defects.ts";

const seconds = 5;
const rate = 30;
/** A defect may keep some work from ever being done. */
const settleWithinMs = 10_000;
const silent = { phase: () => undefined, begin: () => undefined };

describe("the chaos run finds planted defects", () => {
  endWithSuite();
  const { random, seed } = createRandom();
  let stack: Stack;

  const sell = async (prefix: string, settle: Readonly<{ settleWithinMs?: number }>) => {
    const options = { seconds, seed, rate, prefix, choose: () => false, ...settle };
    const { violations, facts } = await runRound(stack, options, silent);
    assert(facts.orders.length > 0, "nobody bought anything");
    return violations;
  };

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), "onsale-chaos-"));
    stack = await startStack({ backend: "postgres", random, folder });
  });

  it(`nothing is found without a defect, seed ${seed}`, async () => {
    assert.deepEqual(await sell("SOUND", {}), []);
  });

  for (const [index, { name, foundAs, plant, remove }] of plantedDefects.entries()) {
    it(`${name}, seed ${seed}`, async (t) => {
      await plant(stack.db);
      const found = (await sell(`PLANTED-${index}`, { settleWithinMs }).finally(() => remove?.(stack.db))).map(
        ({ what }) => what,
      );
      t.diagnostic(found.join("; "));
      assert(
        foundAs.some((what) => found.includes(what)),
        `found ${found.join("; ") || "nothing"}`,
      );
    });
  }
});
