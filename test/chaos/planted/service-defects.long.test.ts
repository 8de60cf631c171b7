// Tests the tester: services that run with a planted defect are found to break a promise, within seconds.
import { strict as assert } from "node:assert";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createRandom } from "../../support/random.ts";
import type { FaultKind } from "../nemesis/fault.ts";
import type { Injected } from "../nemesis/nemesis.ts";
import { runRound } from "../run-chaos.ts";
import { startStack } from "../stack/stack.ts";
import { type CodeChange, filesNotLoaded, plantSettings } from "./planted-code.ts";
import { type Circumstance, circumstances, serviceDefects } from "./service-defects.ts";

const seconds = 8;
const rate = 40;
const pauseSeconds = 1.5;
/** A defect may keep some work from ever being done. */
const settleWithinMs = 8_000;
const silent = { phase: () => undefined, begin: () => undefined };

function hasBitten(injected: readonly Injected[], fault: string): boolean {
  return injected.some(({ name, hits }) => name === fault && hits > 0);
}

describe("the chaos run finds defects of services", () => {
  const { random, seed } = createRandom();

  /** Sells with changed code under these faults, and returns what the checks find. */
  async function sell(changes: readonly CodeChange[], faults: Circumstance["faults"]) {
    const folder = mkdtempSync(join(tmpdir(), "onsale-chaos-"));
    const plant = { changes, loadedFile: join(folder, "loaded") };
    const stack = await startStack({ backend: "postgres", random, folder, settings: plantSettings(plant) });
    const choose = ({ name }: FaultKind) => faults.includes(name);
    const { violations, facts, injected } = await runRound(
      stack,
      { seconds, seed, rate, pauseSeconds, choose, settleWithinMs },
      silent,
    );
    assert.deepEqual(filesNotLoaded(plant), [], "no service has loaded what was changed");
    for (const fault of faults) assert(hasBitten(injected, fault), `it did not bite that ${fault}`);
    assert(facts.orders.length > 0, "nobody bought anything");
    return violations;
  }

  it(`nothing is found with the faults alone, seed ${seed}`, async () => {
    const changes = circumstances.flatMap((one) => one.changes);
    const faults = circumstances.flatMap((one) => one.faults);
    assert.deepEqual(await sell(changes, faults), []);
  });

  for (const { name, foundAs, changes, broughtOutBy } of serviceDefects) {
    it(`${name}, seed ${seed}`, async (t) => {
      const all = [...changes, ...broughtOutBy.changes];
      const found = await sell(all, broughtOutBy.faults);
      t.diagnostic(found.map(({ what, count, examples }) => `${what} (${count}: ${examples[0]})`).join("; "));
      assert(
        found.some(({ what }) => foundAs.includes(what)),
        `found ${found.map(({ what }) => what).join("; ") || "nothing"}`,
      );
    });
  }
});
