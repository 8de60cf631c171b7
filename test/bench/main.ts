// `npm run bench [-- options]`: compares Onsale with a ceiling, a hot row and two synchronous designs, on one machine, in
// one run. docs/benchmark.md says what is measured and how to read it.
import { NotDurableError } from "./machine/database-server.ts";
import { UnsoundError } from "./measure/check-soundness.ts";
import { OptionError, parseOptions, usage } from "./options.ts";
import { printReport } from "./report/print-report.ts";
import { writeResults } from "./report/write-results.ts";
import { runBench } from "./run-bench.ts";

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.isHelp) {
    console.log(usage);
    return;
  }
  const results = await runBench(options);
  console.log(printReport(results));
  for (const file of await writeResults(results, options)) console.log(`wrote ${file}`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const isExpected = [OptionError, NotDurableError, UnsoundError].some((kind) => error instanceof kind);
  console.error("bench:", isExpected && error instanceof Error ? error.message : error);
  process.exit(1);
}
