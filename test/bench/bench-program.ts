// Runs the benchmark as a program, for its smoke tests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "../support/cleanup.ts";
import { cleanEnvironment } from "../support/config.ts";
import type { Results } from "./report/results.ts";

/** @returns the exit code, and what it printed */
export async function runBenchProgram(...parameters: string[]) {
  const program = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [program, ...parameters], { env: cleanEnvironment() });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data.toString()));
  atEnd(() => child.kill("SIGTERM"));
  const [code] = await once(child, "close");
  return { code, output };
}

/** A folder for the results, which is removed at the end. */
export function makeOutputFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "onsale-bench-output-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function readResults(folder: string): Results {
  return JSON.parse(readFileSync(join(folder, "results.json"), "utf8"));
}
