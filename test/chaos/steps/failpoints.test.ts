// As failpoints.long.test.ts, with one crash of each process: a sample that the seed chooses.
import { strict as assert } from "node:assert";
import { it } from "node:test";
import { failpoints } from "@onsale/lifecycle/failpoints";
import { createRandom } from "../../support/random.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { victimKinds } from "../stack/victim.ts";
import { allCrashTrials, crashDuring, describeCrash, processOf } from "./crash-trials.ts";
import { runOnLanes } from "./run-on-lanes.ts";
import { startSmallInstallation } from "./small-installation.ts";

const { random, seed } = createRandom();

describePipeline("a process that dies at a step", (backend) => {
  it(`loses nothing, seed ${seed}`, async (t) => {
    const byProcess = Map.groupBy(allCrashTrials(failpoints), ({ crashAt }) => processOf(crashAt));
    const trials = victimKinds.flatMap((kind) => {
      const own = byProcess.get(kind) ?? [];
      return own.slice(Math.floor(random() * own.length)).slice(0, 1);
    });
    for (const trial of trials) t.diagnostic(describeCrash(trial));
    const installation = await startSmallInstallation({ backend });
    assert.deepEqual(await runOnLanes([installation], trials, describeCrash, crashDuring), []);
  });
});
