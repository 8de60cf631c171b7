import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { atEnd } from "../support/cleanup.ts";
import { cleanEnvironment } from "../support/config.ts";
import type { Results } from "./report/results.ts";

async function runBench(...parameters: string[]) {
  const program = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [program, ...parameters], { env: cleanEnvironment() });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data.toString()));
  atEnd(() => child.kill("SIGTERM"));
  const [code] = await once(child, "close");
  return { code, output };
}

test("a quick run measures the chosen runs, and writes figures and plots", async () => {
  const folder = mkdtempSync(join(tmpdir(), "onsale-bench-output-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));

  const only = "hot-event,ceiling,onsale-postgres";
  const { code, output } = await runBench("--quick", "--seconds", "1", "--only", only, "--output", folder);

  assert.equal(code, 0, output);
  const results: Results = JSON.parse(readFileSync(join(folder, "results.json"), "utf8"));
  assert.deepEqual(results.durability, { fsync: "on", synchronous_commit: "on", full_page_writes: "on" });
  assert.deepEqual(results.options, { rounds: 1, seconds: 1, quick: true, only: only.split(",") });
  assert(results.machine.cores > 0 && results.machine.postgres.startsWith("18"));
  assert.deepEqual(
    results.results.map(({ contestant }) => contestant),
    ["ceiling", "onsale-postgres"],
  );
  for (const { rounds, summary } of results.results) {
    assert.equal(rounds.length, 1);
    for (const figure of ["requests", "decidedPerSecond", "accept.p50Ms", "accept.p99Ms"] as const) {
      assert((summary[figure]?.median ?? 0) > 0, figure);
    }
  }
  const ratio = results.targets.find(({ name }) => name === "one hot event ÷ ceiling");
  assert((ratio?.measured?.median ?? 0) > 0);
  assert.match(readFileSync(join(folder, "throughput.svg"), "utf8"), /^<svg .*Orders decided per second/s);
  assert.equal(readFileSync(join(folder, "throughput.png")).subarray(1, 4).toString(), "PNG");
  assert.match(readFileSync(join(folder, "figures.md"), "utf8"), /\| one hot event ÷ ceiling \|/);
});

test("a bad option is one clear line and exit code 1", async () => {
  const { code, output } = await runBench("--rounds", "many");
  assert.equal(code, 1);
  assert.equal(output, 'bench: --rounds must be a whole number from 1 to 20, not "many"\n');
});
