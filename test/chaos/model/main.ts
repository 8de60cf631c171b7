// `npm run model [-- options]`: random sequences of requests and faults, with every answer compared with a model.
import { stopRequested } from "@onsale/service/supervision";
import { runProgram, withOwnServices } from "../program.ts";
import { startStack } from "../stack/stack.ts";
import { parseModelOptions, usage } from "./options.ts";
import { printResult } from "./print-result.ts";
import { type ModelProgress, runModel } from "./run-model.ts";

const showEveryMs = 5_000;

/** Tells now and then how far it is. */
function createView(runs: number): (progress: ModelProgress) => void {
  let shownAtMs = performance.now();
  return ({ runs: done, steps, isShrinking }) => {
    if (performance.now() < shownAtMs + showEveryMs) return;
    shownAtMs = performance.now();
    console.error(`${done} of ${runs} runs, ${steps} steps${isShrinking ? ", making a failure shorter" : ""}`);
  };
}

await runProgram("model", async () => {
  const options = parseModelOptions(process.argv.slice(2), () => Math.floor(Math.random() * 2 ** 32));
  if (options.isHelp) {
    console.log(usage);
    return true;
  }
  const stop = new AbortController();
  void stopRequested().then(() => stop.abort());
  return withOwnServices(options, async (folder) => {
    console.error(`seed ${options.seed}; the services' logs are in ${folder}`);
    // The receiver of webhooks never fails: the chaos runs have one that does.
    const stack = await startStack({ backend: options.backend, random: () => 1, folder });
    const result = await runModel(stack, { ...options, stop: stop.signal, onRun: createView(options.runs) });
    console.log(printResult(options, result));
    return result.failure === undefined && !stop.signal.aborted;
  });
});
