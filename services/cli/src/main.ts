// `npx onsale <command>`; docs/cli.md describes all commands.
import { stopRequested } from "@onsale/service/supervision";
import { CommanderError } from "commander";
import { chooseGateway, readConfig, wholeEnvironment } from "./config.ts";
import { describeFailure, describeUsageError, exitCodes } from "./output/failure.ts";
import { createOutput } from "./output/output.ts";
import { buildProgram } from "./program.ts";

/** @returns the exit code */
async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  void stopRequested().then(() => stop.abort(new Stopped()));
  // The reader of a pipe has ended, such as `head`.
  process.stdout.once("error", () => stop.abort(new Stopped()));

  let isFailed = false;
  const output = createOutput(() => program.opts<{ json?: boolean }>().json === true);
  const program = buildProgram({
    api: () => {
      const config = readConfig();
      const { url, note } = chooseGateway(config);
      if (note !== undefined) output.note(note);
      const { apiKey } = config;
      return { baseUrl: url, stop: stop.signal, ...(apiKey === undefined ? {} : { apiKey }) };
    },
    // Imported on use: without it the other commands start in half the time.
    withKeyStore: async (run) => (await import("./database/connection.ts")).withKeyStore(readConfig(), run),
    archive: async (request) => {
      const progress = { note: output.note, stop: stop.signal };
      return (await import("./archive/commands.ts")).archive(readConfig(), request, progress);
    },
    verifyArchive: async (file) => (await import("./archive/verify-file.ts")).verifyArchiveFile(file),
    environment: wholeEnvironment,
    show: output.show,
    note: output.note,
    fail: () => {
      isFailed = true;
    },
  });

  try {
    await program.parseAsync([...argv], { from: "user" });
    return isFailed ? exitCodes.failed : exitCodes.ok;
  } catch (error) {
    if (error instanceof Stopped) return exitCodes.failed;
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok;
      // Commander has printed the help of a command that is the beginning of others.
      if (error.code !== "commander.help") output.explain(describeUsageError(error.message));
      return exitCodes.usage;
    }
    const failure = describeFailure(error, () => chooseGateway(readConfig()).url);
    if (failure === undefined) throw error;
    output.explain(failure);
    return failure.exitCode;
  }
}

/** Ctrl-C ended a command before it was done. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

const exitCode = await main(process.argv.slice(2));
// Exits once all output is written. An open connection would keep the process alive: when a password is missing,
// node-postgres leaves it to the server to close the connection, which takes a minute.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
