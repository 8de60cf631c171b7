// Starts the programs that people run from a terminal: the command line and the demo.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { atEnd } from "../cleanup.ts";
import { cleanEnvironment } from "../config.ts";
import { type Environment, projectFolder } from "./services.ts";

/** The output and the exit code of a program. */
export type Ended = Readonly<{ code: number | null; stdout: string; stderr: string }>;

export type Program = Readonly<{
  process: ChildProcess;
  /** Its output so far. */
  output: () => Readonly<{ stdout: string; stderr: string }>;
  ended: Promise<Ended>;
}>;

/** Starts a program without a terminal; it is ended as cleanup.ts says. */
export function startProgram(file: string, parameters: readonly string[], environment: Environment): Program {
  const child = spawn(process.execPath, ["--conditions=@onsale/source", join(projectFolder, file), ...parameters], {
    cwd: projectFolder,
    env: { ...cleanEnvironment(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => (output.stdout += data.toString()));
  child.stderr.on("data", (data) => (output.stderr += data.toString()));
  atEnd(() => child.kill("SIGKILL"));
  const ended = once(child, "close").then(() => ({ code: child.exitCode, ...output }));
  return { process: child, output: () => output, ended };
}

/** The command line, with an environment for each of its commands. */
export function createCli(environment: Environment) {
  const run = (...parameters: string[]) => startProgram("services/cli/src/main.ts", parameters, environment).ended;
  return {
    run,
    start: (...parameters: string[]) => startProgram("services/cli/src/main.ts", parameters, environment),
    /** The result that a command wrote with --json; fails unless its exit code is 0. */
    json: async (...parameters: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await run(...parameters, "--json");
      if (code !== 0) throw new Error(`onsale ${parameters.join(" ")} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
  };
}
