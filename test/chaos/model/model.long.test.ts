// More of the model runs, on both kinds of queues; and planted defects of the database, which they find and shrink.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { endWithSuite } from "../../support/cleanup.ts";
import { createRandom } from "../../support/random.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { plantedDefects } from "../planted-defects.ts";
import type { Stack } from "../stack/stack.ts";
import { runModelOn, startModelStack } from "./run-in-test.ts";

const runs = 6;
const commandsMax = 50;
const { seed } = createRandom();

for (const backend of ["postgres", "redis"] as const) {
  const skip = backend === "redis" && withoutRedisServer;
  describe(`random sequences of requests and faults, on ${backend} queues`, { skip }, () => {
    endWithSuite();

    it(`every answer is as the model has it, seed ${seed}`, async (t) => {
      const { failure, text } = await runModelOn(await startModelStack(backend), { runs, commandsMax, seed });
      t.diagnostic(text);
      assert.equal(failure, undefined, text);
    });
  });
}

/** Which defects, and the most steps that show each: the event, what leads to the failure, and the end of the run. */
const wanted: Readonly<Record<string, number>> = {
  "returns have no row in the ledger": 4,
  // The last one, because it cannot be removed.
  "a key can have several orders": 3,
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
        const options = { runs: 100, commandsMax, seed, hasFaults: false };
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
