// What the programs of this folder have in common: their exit codes, and what tests get from their runner.
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { createWorkFolder } from "../run/work-folder.ts";
import { endAll } from "../support/cleanup.ts";
import { publish, shareCompiledCode } from "../support/config.ts";
import { findRedisServer } from "../support/external/programs.ts";
import { OptionError } from "./options.ts";
import type { BackendName } from "./stack/stack.ts";

const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** Runs a program and ends the process: with 0 when it resolves with true, 2 when an option is wrong, else 1. */
export async function runProgram(name: string, main: () => Promise<boolean>): Promise<never> {
  try {
    process.exit((await main()) ? exitCodes.ok : exitCodes.failed);
  } catch (error) {
    console.error(`${name}:`, error instanceof OptionError ? error.message : error);
    process.exit(error instanceof OptionError ? exitCodes.usage : exitCodes.failed);
  }
}

/**
 * Prepares for services of its own, and ends all of them after the task.
 *
 * @param folder of the services' logs; it is created. A relative one is where the command was given.
 * @param task gets the folder's full path
 * @throws OptionError when there is no Redis for the backend
 */
export async function withOwnServices<T>(
  { backend, folder }: Readonly<{ backend: BackendName; folder: string }>,
  task: (folder: string) => Promise<T>,
): Promise<T> {
  const redisServer = findRedisServer();
  if (backend === "redis" && redisServer === undefined) {
    throw new OptionError("there is no redis-server on the PATH; install it, or leave out --backend redis");
  }
  const path = resolve(folder);
  mkdirSync(path, { recursive: true });
  const workFolder = createWorkFolder();
  shareCompiledCode(join(workFolder, "compiled"));
  publish("", redisServer);
  try {
    return await task(path);
  } finally {
    await endAll();
    rmSync(workFolder, { recursive: true, force: true });
  }
}
