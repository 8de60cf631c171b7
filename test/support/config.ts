// Passes settings from the test runner to the test files, which run in separate processes.
import { strict as assert } from "node:assert";

const variables = {
  server: "ONSALE_TEST_SERVER",
  redisServer: "ONSALE_TEST_REDIS_SERVER",
  redisUrl: "REDIS_URL",
} as const;

/** Sets the environment variables that the test files read. */
export function publish(server: string, redisServer: string | undefined): void {
  process.env[variables.server] = server;
  if (redisServer !== undefined) process.env[variables.redisServer] = redisServer;
}

/** Whether this process runs a test file: Node's test runner tells its children so. */
export function isTestFile(): boolean {
  return process.env.NODE_TEST_CONTEXT !== undefined;
}

/**
 * Whether Ctrl-C in a terminal spares what this process starts: a program of `test/chaos` goes on, and ends it itself.
 */
export const isSpared = !isTestFile();

/** The URL of the PostgreSQL server that all test files share, by its superuser. */
export function serverUrl(): string {
  const url = process.env[variables.server];
  assert(url, "run the tests with `npm test`, which starts PostgreSQL for them");
  return url;
}

/** The `redis-server` program, where there is one. */
export function redisServer(): string | undefined {
  return process.env[variables.redisServer];
}

/** The URL of a Redis that runs already; tests touch only Onsale's keys in it. */
export function givenRedisUrl(): string | undefined {
  return process.env[variables.redisUrl];
}

/** Lets this process's children, and theirs, compile each file once instead of at every start. */
export function shareCompiledCode(folder: string): void {
  process.env.NODE_COMPILE_CACHE = folder;
}

/** An environment for processes under test, without Onsale's settings. */
export function cleanEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "/tmp", TMPDIR = "/tmp", NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, TMPDIR, ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }) };
}
