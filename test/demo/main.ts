// `npm run demo [-- options]`: plays an on-sale, and compares every answer with the database at the end.
import { findGateway } from "@onsale/service/running-installation";
import { stopRequested } from "@onsale/service/supervision";
import { createGateway, isNetworkError, RefusedError } from "./gateway.ts";
import { OptionError, parseOptions, usage } from "./options.ts";
import { isSound, renderReport } from "./report.ts";
import { runDemo } from "./run-demo.ts";
import { runScenario } from "./scenarios/run-scenario.ts";
import { renderScenario } from "./scenarios/scenario-report.ts";
import { createView } from "./view.ts";

/** npm passes Ctrl-C on, so that a single one may reach this process twice within this time. */
const repeatedSignalMs = 500;
const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** @returns the exit code */
async function main(): Promise<number> {
  const stop = new AbortController();
  const end = new AbortController();
  void stopRequested().then((reason) => stop.abort(new Error(reason)));
  void stopRequestedAgain().then(() => end.abort(new Error("it was stopped")));
  let close = async () => {};
  try {
    const found = findGateway(process.env.DATA_DIR || ".data");
    const options = parseOptions(process.argv.slice(2), process.env, found.url);
    if (options.isHelp) {
      console.log(usage);
      return exitCodes.ok;
    }
    if (found.note !== undefined && options.url === found.url) console.error(found.note);
    const gateway = createGateway(options.url, options.apiKey);
    close = gateway.close;
    // Closing it ends the requests in flight.
    end.signal.addEventListener("abort", close);
    const signals = { stop: stop.signal, end: end.signal };
    const { scenario } = options;
    if (scenario !== undefined) {
      const result = await runScenario(gateway, { ...options, scenario }, signals, createView);
      console.log(renderScenario(result));
      return isSound(result) ? exitCodes.ok : exitCodes.failed;
    }
    const result = await runDemo(gateway, options, signals, createView);
    console.log(renderReport(result));
    return isSound(result) ? exitCodes.ok : exitCodes.failed;
  } catch (error) {
    console.error(`demo: ${end.signal.aborted ? "it was stopped" : describe(error)}`);
    return error instanceof OptionError ? exitCodes.usage : exitCodes.failed;
  } finally {
    await close();
  }
}

/** Resolves when this process is asked to stop for the second time. */
function stopRequestedAgain(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let firstAtMs: number | undefined;
  const onSignal = () => {
    const nowMs = performance.now();
    firstAtMs ??= nowMs;
    if (nowMs - firstAtMs > repeatedSignalMs) resolve();
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, onSignal);
  return promise;
}

function describe(error: unknown): string {
  if (error instanceof OptionError || error instanceof RefusedError) return error.message;
  const hint = isNetworkError(error)
    ? ". Is a gateway running there, or must ONSALE_URL be set? Start one with: npm start"
    : "";
  return `${error instanceof Error ? error.message : String(error)}${hint}`;
}

process.exit(await main());
