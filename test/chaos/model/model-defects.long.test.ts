// Planted defects of the database, which the model runs find, and shrink to what shows them.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { endWithSuite } from "../../support/cleanup.ts";
import { createRandom } from "../../support/random.ts";
import { plantedDefects } from "../planted/database-defects.ts";
import type { Stack } from "../stack/stack.ts";
import { runModelOn, startModelStack } from "./run-in-test.ts";

/** Short sequences are shrunk fast, also on a busy machine. */
const commandsMax = 12;
const shrinkMaxMs = 120_000;
const { seed } = createRandom();

/**
 * Which defects, and at most how many steps show each: the event, what leads to the failure, and the end of the run.
 */
const wanted: Readonly<Record<string, number>> = {
  "returns have no row in the ledger": 7,
  // The last one, because it cannot be removed.
  "a key can have several orders": 5,
};

describe("planted defects are found, and shrunk to what shows them", () => {
  endWithSuite();
  let stack: Stack;
  before(async () => {
    stack = await startModelStack("postgres");
  });

  for (const [index, [name, stepsMax]] of Object.entries(wanted).entries()) {
    it(`${name}, seed ${seed}`, async (t) => {
      const defect = plantedDefects.find((one) => one.name === name);
      assert(defect !== undefined, "there is no such defect");
      await defect.plant(stack.db);
      try {
        const options = { runs: 100, commandsMax, seed, hasFaults: false, shrinkMaxMs };
        const { failure, text } = await runModelOn(stack, { ...options, prefix: `PLANTED-${index}` });
        t.diagnostic(text);
        assert(failure !== undefined, "it was not found");
        assert(failure.steps.length <= stepsMax, `it was shrunk to ${failure.steps.length} steps`);
        const again = await runModelOn(stack, { ...options, prefix: `AGAIN-${index}`, replay: failure.replay });
        assert.equal(again.failure?.steps.length, failure.steps.length, "it does not happen again");
      } finally {
        await defect.remove?.(stack.db);
      }
    });
  }
});
