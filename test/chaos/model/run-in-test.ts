// Runs the model in a test file, on a stack of the file or suite.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BackendName, type Stack, startStack } from "../stack/stack.ts";
import { printResult } from "./print-result.ts";
import { type ModelOptions, runModel } from "./run-model.ts";

/** A test ends before its time limit, and says what it has found by then. */
const shrinkMaxMs = 60_000;

/** Starts a stack whose receiver of webhooks never fails; it ends as cleanup.ts says. */
export function startModelStack(backend: BackendName): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), "onsale-model-"));
  return startStack({ backend, random: () => 1, folder });
}

/** @returns the result with its text */
export async function runModelOn(stack: Stack, options: ModelOptions) {
  const result = await runModel(stack, { shrinkMaxMs, ...options });
  const backend = stack.redis === undefined ? "postgres" : "redis";
  return { ...result, text: printResult({ backend, commandsMax: options.commandsMax }, result) };
}
