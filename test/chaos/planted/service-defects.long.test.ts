// Tests the tester: services that run with a planted defect are found to break a promise, within seconds.
import { strict as assert } from "node:assert";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createRandom } from "../../support/random.ts";
import { runRound } from "../run-chaos.ts";
import { startStack } from "../stack/stack.ts";
import { type CodeChange, filesNotLoaded, plantSettings } from "./planted-code.ts";
import { circumstances, serviceDefects } from "./service-defects.ts";

const seconds = 8;
const rate = 40;
/** A defect may keep some work from ever being done. */
const settleWithinMs = 8_000;
const silent = { phase: () => undefined, begin: () => undefined };

describe("the chaos run finds defects of services", () => {
  const { random, seed } = createRandom();

  /** Sells with changed code, and returns what the checks find. */
  async function sell(changes: readonly CodeChange[]) {
    const folder = mkdtempSync(join(tmpdir(), "onsale-chaos-"));
    const plant = { changes, loadedFile: join(folder, "loaded") };
    const stack = await startStack({ backend: "postgres", random, folder, settings: plantSettings(plant) });
    const options = { seconds, seed, rate, choose: () => false, settleWithinMs };
    const { violations, facts } = await runRound(stack, options, silent);
    assert.deepEqual(filesNotLoaded(plant), [], "no service has loaded what was changed");
    assert(facts.orders.length > 0, "nobody bought anything");
    return violations;
  }

  it(`nothing is found with what brings them out alone, seed ${seed}`, async () => {
    assert.deepEqual(await sell(circumstances.flat()), []);
  });

  for (const { name, foundAs, changes, broughtOutBy } of serviceDefects) {
    it(`${name}, seed ${seed}`, async (t) => {
      const found = await sell([...changes, ...broughtOutBy]);
      t.diagnostic(found.map(({ what, count, examples }) => `${what} (${count}: ${examples[0]})`).join("; "));
      assert(
        found.some(({ what }) => foundAs.includes(what)),
        `found ${found.map(({ what }) => what).join("; ") || "nothing"}`,
      );
    });
  }
});
