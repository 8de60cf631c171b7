// `npm run chaos [-- options]`: sells while everything fails, and checks afterwards that nothing was lost.
import { stopRequested } from "@onsale/service/supervision";
import { parseOptions, usage } from "./options.ts";
import { runProgram, withOwnServices } from "./program.ts";
import { printSummary } from "./report/print-summary.ts";
import { hasPassed, summarise } from "./report/summary.ts";
import { writeReport } from "./report/write-report.ts";
import { runChaos } from "./run-chaos.ts";
import { createChaosView } from "./view.ts";

await runProgram("chaos", async () => {
  const options = parseOptions(process.argv.slice(2), () => Math.floor(Math.random() * 2 ** 32));
  if (options.isHelp) {
    console.log(usage);
    return true;
  }
  const stop = new AbortController();
  void stopRequested().then(() => stop.abort());
  return withOwnServices(options, async (folder) => {
    console.error(`seed ${options.seed}; the services' logs are in ${folder}`);
    const view = createChaosView(options.seconds);
    try {
      const result = await runChaos({ ...options, folder, stop: stop.signal }, view);
      const summary = summarise(result);
      view.close();
      console.log(printSummary(summary));
      for (const file of await writeReport(result, summary, folder)) console.log(`wrote ${file}`);
      return hasPassed(summary);
    } finally {
      view.close();
    }
  });
});
