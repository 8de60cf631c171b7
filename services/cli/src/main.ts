// `npm run onsale -- <command>`; docs/cli.md has all of them.
import { styleText } from "node:util";
import { stopRequested } from "@onsale/service/supervision";
import { CommanderError } from "commander";
import { readConfig, wholeEnvironment } from "./config.ts";
import { describeFailure, exitCodes, type Failure } from "./failure.ts";
import type { Parts } from "./parts.ts";
import { buildProgram } from "./program.ts";

/** @returns the exit code */
async function main(argv: readonly string[]): Promise<number> {
  let isFailed = false;
  const stop = new AbortController();
  void stopRequested().then(() => stop.abort(new Stopped()));
  // Nobody reads on, such as `head`.
  process.stdout.once("error", () => stop.abort(new Stopped()));
  const isJson = () => program.opts<{ json?: boolean }>().json === true;
  const parts: Parts = {
    config: readConfig,
    environment: wholeEnvironment,
    client: () => {
      const { onsaleUrl, apiKey } = readConfig();
      return { baseUrl: onsaleUrl, stop: stop.signal, ...(apiKey === undefined ? {} : { apiKey }) };
    },
    // Loaded only for the commands that need it: a start of the others takes half the time.
    withKeyStore: async (run) => (await import("./database.ts")).withKeyStore(readConfig(), run),
    stop: stop.signal,
    show: (result, toText) => console.log(isJson() ? JSON.stringify(result) : toText(result)),
    note: (text) => console.error(styleText("dim", text, { stream: process.stderr })),
    fail: () => {
      isFailed = true;
    },
  };
  const program = buildProgram(parts);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return isFailed ? exitCodes.failed : exitCodes.ok;
  } catch (error) {
    return explain(error, isJson());
  }
}

/** Ctrl-C ended a command that had not come to its end. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

function explain(error: unknown, isJson: boolean): number {
  if (error instanceof Stopped) return exitCodes.failed;
  // It has told what is wrong, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const failure = describeFailure(error, () => readConfig().onsaleUrl);
  if (failure === undefined) throw error;
  tell(failure, isJson);
  return failure.exitCode;
}

function tell({ title, details, advice }: Failure, isJson: boolean): void {
  if (isJson) {
    console.error(JSON.stringify({ error: { title, details, advice } }));
    return;
  }
  const colour = (format: "red" | "yellow", text: string) => styleText(format, text, { stream: process.stderr });
  console.error([colour("red", title), ...details.map((detail) => `  ${detail}`)].join("\n"));
  if (advice !== undefined) console.error(`${colour("yellow", "→")} ${advice}`);
}

const exitCode = await main(process.argv.slice(2));
// When all is written. What is still open must not keep us: node-postgres leaves a connection without a password to the
// server, which gives it up after a minute.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
