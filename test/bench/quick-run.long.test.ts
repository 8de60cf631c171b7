import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeOutputFolder, readResults, runBenchProgram } from "./bench-program.ts";

test("a quick run measures the chosen runs, and writes figures and plots", async () => {
  const folder = makeOutputFolder();

  const only = "hot-event,cancel-storm,ceiling,onsale-postgres";
  const { code, output } = await runBenchProgram("--quick", "--seconds", "1", "--only", only, "--output", folder);

  assert.equal(code, 0, output);
  const results = readResults(folder);
  assert.deepEqual(results.durability, { fsync: "on", synchronous_commit: "on", full_page_writes: "on" });
  assert.deepEqual(results.options, { rounds: 1, seconds: 1, quick: true, only: only.split(",") });
  assert(results.machine.cores > 0 && results.machine.postgres.startsWith("18"));
  assert.deepEqual(
    results.results.map(({ contestant }) => contestant),
    ["ceiling", "onsale-postgres", "onsale-postgres"],
  );
  for (const { rounds, summary } of results.results) {
    assert.equal(rounds.length, 1);
    for (const figure of ["requests", "decidedPerSecond", "accept.p50Ms", "accept.p99Ms"] as const) {
      assert((summary[figure]?.median ?? 0) > 0, figure);
    }
  }
  const ratio = results.targets.find(({ name }) => name === "one hot event ÷ ceiling");
  assert((ratio?.measured?.median ?? 0) > 0);
  const storm = results.results.find(({ scenario }) => scenario === "cancel-storm")?.summary;
  assert((storm?.["cancel.cpuMs.postgres"]?.median ?? 0) > 0);
  assert((storm?.conflicts?.median ?? -1) >= 0);
  assert.match(readFileSync(join(folder, "throughput.svg"), "utf8"), /^<svg .*Orders decided per second/s);
  assert.equal(readFileSync(join(folder, "throughput.png")).subarray(1, 4).toString(), "PNG");
  assert.match(readFileSync(join(folder, "figures.md"), "utf8"), /\| one hot event ÷ ceiling \|/);
});

test("a bad option is one clear line and exit code 1", async () => {
  const { code, output } = await runBenchProgram("--rounds", "many");
  assert.equal(code, 1);
  assert.equal(output, 'bench: --rounds must be a whole number from 1 to 20, not "many"\n');
});
