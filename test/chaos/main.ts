// `npm run chaos [-- options]`: sells while everything fails, and checks afterwards that nothing was lost.
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { stopRequested } from "@onsale/service/supervision";
import { createWorkFolder } from "../run/work-folder.ts";
import { endAll } from "../support/cleanup.ts";
import { publish, shareCompiledCode } from "../support/config.ts";
import { findRedisServer } from "../support/external/programs.ts";
import { OptionError, parseOptions, usage } from "./options.ts";
import { printSummary } from "./report/print-summary.ts";
import { summarise } from "./report/summary.ts";
import { writeReport } from "./report/write-report.ts";
import { runChaos } from "./run-chaos.ts";
import { createChaosView } from "./view.ts";

const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** @returns the exit code */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), () => Math.floor(Math.random() * 2 ** 32));
  if (options.isHelp) {
    console.log(usage);
    return exitCodes.ok;
  }
  const redisServer = findRedisServer();
  if (options.backend === "redis" && redisServer === undefined) {
    throw new OptionError("there is no redis-server on the PATH; install it, or leave out --backend redis");
  }
  const stop = new AbortController();
  void stopRequested().then(() => stop.abort());
  // A relative folder is where the command was given.
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true });
  const workFolder = createWorkFolder();
  shareCompiledCode(join(workFolder, "compiled"));
  publish("", redisServer);
  console.error(`seed ${options.seed}; the services' logs are in ${folder}`);
  const view = createChaosView(options.seconds);
  try {
    const result = await runChaos({ ...options, folder, stop: stop.signal }, view);
    const summary = summarise(result);
    view.close();
    console.log(printSummary(summary));
    for (const file of await writeReport(result, summary, folder)) console.log(`wrote ${file}`);
    return summary.violations.length === 0 && result.isSettled ? exitCodes.ok : exitCodes.failed;
  } finally {
    view.close();
    await endAll();
    rmSync(workFolder, { recursive: true, force: true });
  }
}

try {
  process.exit(await main());
} catch (error) {
  console.error("chaos:", error instanceof OptionError ? error.message : error);
  process.exit(error instanceof OptionError ? exitCodes.usage : exitCodes.failed);
}
