// Runs the programs of the example in Python.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { atEnd } from "../cleanup.ts";
import { cleanEnvironment } from "../config.ts";
import { clientFolder } from "./packed-client.ts";

const cwd = join(clientFolder, "examples", "python");
const run = promisify(execFile);

function environment(settings: Readonly<Record<string, string>>): Record<string, string> {
  return { ...cleanEnvironment(), PYTHONDONTWRITEBYTECODE: "1", ...settings };
}

/** Runs a program of the example to its end, and resolves with what it prints. */
export async function python(parameters: readonly string[], url: string): Promise<string> {
  return (await run("python3", [...parameters], { cwd, env: environment({ ONSALE_URL: url }) })).stdout;
}

/** Starts a program of the example that does not end by itself. */
export function startPython(file: string, parameters: readonly string[], settings: Readonly<Record<string, string>>) {
  const child = spawn("python3", [file, ...parameters], {
    cwd,
    env: environment(settings),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit").then(([code]) => code);
  let output = "";
  child.stdout.on("data", (data) => {
    output += String(data);
  });
  atEnd(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  return { output: () => output, exited };
}
