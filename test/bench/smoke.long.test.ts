import { strict as assert } from "node:assert";
import { test } from "node:test";
import { makeOutputFolder, readResults, runBenchProgram } from "./bench-program.ts";

test("a quick run measures what a hold, a confirmation and an expiry cost", async () => {
  const folder = makeOutputFolder();
  const only = "hold-confirm,expiring-holds,onsale-postgres";
  const { code, output } = await runBenchProgram("--quick", "--seconds", "1", "--only", only, "--output", folder);

  assert.equal(code, 0, output);
  const { results, targets } = readResults(folder);
  for (const [scenario, transitions] of [
    ["hold-confirm", ["hold", "confirm"]],
    ["expiring-holds", ["expiry"]],
  ] as const) {
    const summary = results.find((result) => result.scenario === scenario)?.summary;
    for (const transition of transitions) {
      for (const figure of ["perSecond", "walBytes", "cpuMs.postgres"] as const) {
        assert((summary?.[`${transition}.${figure}`]?.median ?? 0) > 0, `${transition}.${figure}`);
      }
    }
  }
  const ratio = targets.find(({ name }) => name === "held and confirmed ÷ plain purchases");
  assert((ratio?.measured?.median ?? 0) > 0);
});
