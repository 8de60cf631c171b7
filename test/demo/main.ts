// `npm run demo [-- options]`: an on-sale to look at, which checks at the end that nobody was told anything untrue.
import { stopRequested } from "@onsale/observability/supervision";
import { errors } from "undici";
import { createGateway, RefusedError } from "./gateway.ts";
import { OptionError, parseOptions, usage } from "./options.ts";
import { isSound, renderReport } from "./report.ts";
import { runDemo } from "./run-demo.ts";
import { createView } from "./view.ts";

const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** @returns the exit code */
async function main(): Promise<number> {
  const stop = new AbortController();
  void stopRequested().then((reason) => stop.abort(new Error(reason)));
  let close = async () => {};
  try {
    const options = parseOptions(process.argv.slice(2), process.env);
    if (options.isHelp) {
      console.log(usage);
      return exitCodes.ok;
    }
    const gateway = createGateway(options.url, options.apiKey);
    close = gateway.close;
    const result = await runDemo(gateway, options, stop.signal, createView);
    console.log(renderReport(result));
    return isSound(result) ? exitCodes.ok : exitCodes.failed;
  } catch (error) {
    console.error(`demo: ${describe(error)}`);
    return error instanceof OptionError ? exitCodes.usage : exitCodes.failed;
  } finally {
    await close();
  }
}

function describe(error: unknown): string {
  if (error instanceof OptionError || error instanceof RefusedError) return error.message;
  const isNetwork = error instanceof errors.UndiciError || (error instanceof Error && "syscall" in error);
  const hint = isNetwork ? " Is a gateway running at ONSALE_URL? Start one with: npm start" : "";
  return `${error instanceof Error ? error.message : String(error)}${hint}`;
}

process.exit(await main());
