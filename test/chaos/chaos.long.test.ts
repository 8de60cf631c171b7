// A soak of a minute for each backend, as `npm run chaos` runs longer ones: whatever fails, nothing is lost.
import { strict as assert } from "node:assert";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createRandom } from "../support/random.ts";
import { withoutRedisServer } from "../support/services/backends.ts";
import { printSummary } from "./report/print-summary.ts";
import { summarise } from "./report/summary.ts";
import { runChaos } from "./run-chaos.ts";

const seconds = 60;
const rate = 30;
const silent = { phase: () => undefined, begin: () => undefined };

describe("selling while everything fails", () => {
  const { seed } = createRandom();
  for (const backend of ["postgres", "redis"] as const) {
    const skip = backend === "redis" && withoutRedisServer;
    it(`loses nothing, on ${backend} queues, seed ${seed}`, { skip }, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), "onsale-chaos-"));
      const result = await runChaos({ backend, seconds, seed, rate, folder }, silent);
      const summary = summarise(result);
      t.diagnostic(printSummary(summary));
      assert.deepEqual(summary.violations, []);
      assert(result.isSettled, "not all work was done in time");
      assert(
        summary.faults.some(({ bit }) => bit > 0),
        "no fault bit",
      );
      assert(summary.accepted > 0, "nobody bought anything");
    });
  }
});
