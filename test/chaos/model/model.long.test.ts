// More of the model runs, on both kinds of queues.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { endWithSuite } from "../../support/cleanup.ts";
import { createRandom } from "../../support/random.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
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
