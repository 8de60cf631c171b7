// `npm run bench [-- options]`: compares Onsale with a ceiling, a hot row and two synchronous designs, on one machine
// in one run. docs/benchmark.md explains the measurements.
import { stopRequested } from "@onsale/service/supervision";
import { NotDurableError } from "./machine/database-server.ts";
import { UnsoundError } from "./measure/check-soundness.ts";
import { OptionError, parseOptions, usage } from "./options.ts";
import { printReport } from "./report/print-report.ts";
import { writeResults } from "./report/write-results.ts";
import { runBench } from "./run-bench.ts";

/** Clean-up tasks, which run in every case at the end. */
const tasks: (() => Promise<void>)[] = [];

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.isHelp) {
    console.log(usage);
    return;
  }
  // Ctrl-C ends the benchmark after the current run, with the figures measured by then.
  let isStopping = false;
  void stopRequested().then(() => {
    isStopping = true;
  });
  const results = await runBench(options, { atEnd: (task) => void tasks.push(task), isStopping: () => isStopping });
  if (results.results.length === 0) throw new OptionError("nothing was measured");
  console.log(printReport(results));
  for (const file of await writeResults(results, options)) console.log(`wrote ${file}`);
}

/** @returns the exit code */
async function run(): Promise<number> {
  try {
    await main();
    return 0;
  } catch (error) {
    const isExpected = [OptionError, NotDurableError, UnsoundError].some((kind) => error instanceof kind);
    console.error("bench:", isExpected && error instanceof Error ? error.message : error);
    return 1;
  } finally {
    for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) await task();
  }
}

process.exit(await run());
