// A share of the model runs that `npm run model` makes; the long one has more of them, on both backends.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { endWithSuite } from "../../support/cleanup.ts";
import { createRandom } from "../../support/random.ts";
import type { Stack } from "../stack/stack.ts";
import { runModelOn, startModelStack } from "./run-in-test.ts";

const runs = 6;
const commandsMax = 25;

describe("random sequences of requests and faults", () => {
  endWithSuite();
  const { seed } = createRandom();
  let stack: Stack;
  before(async () => {
    stack = await startModelStack("postgres");
  });

  it(`every answer is as the model has it, seed ${seed}`, async (t) => {
    const { failure, text } = await runModelOn(stack, { runs, commandsMax, seed });
    t.diagnostic(text);
    assert.equal(failure, undefined, text);
  });
});
