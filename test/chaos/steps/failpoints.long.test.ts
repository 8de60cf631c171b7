// A process dies by SIGKILL at each step between a request and its delivered webhook, in each life of an order that
// passes the step: nothing is lost, done twice or left undone.
import { strict as assert } from "node:assert";
import { failpoints } from "@onsale/lifecycle/failpoints";
import { describeOnBoth } from "../../support/services/backends.ts";
import { allCrashTrials, crashDuring, describeCrash } from "./crash-trials.ts";
import { runOnLanes } from "./run-on-lanes.ts";
import { startLanes } from "./small-installation.ts";

const lanesPerBackend = 2;

describeOnBoth(
  "a process that dies at any step",
  (backend) => startLanes({ backend }, lanesPerBackend),
  (it) => {
    const trials = allCrashTrials(failpoints);
    it(`loses nothing in ${trials.length} crashes`, async (lanes) => {
      assert.deepEqual(await runOnLanes(lanes, trials, describeCrash, crashDuring), []);
    });
  },
);
