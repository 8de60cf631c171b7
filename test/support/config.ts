// What the test runner hands to the test files, which run in processes of their own.
import { strict as assert } from "node:assert";

const variables = {
  server: "ONSALE_TEST_SERVER",
  redisServer: "ONSALE_TEST_REDIS_SERVER",
  redisUrl: "REDIS_URL",
} as const;

/** Puts the runner's findings where the test files find them. */
export function publish(server: string, redisServer: string | undefined): void {
  process.env[variables.server] = server;
  if (redisServer !== undefined) process.env[variables.redisServer] = redisServer;
}

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

/** A Redis that somebody runs already; only its keys of ours are touched. */
export function givenRedisUrl(): string | undefined {
  return process.env[variables.redisUrl];
}

/** Lets this process's children, and theirs, compile each file once instead of at every start. */
export function shareCompiledCode(folder: string): void {
  process.env.NODE_COMPILE_CACHE = folder;
}

/** The environment of processes under test, without settings of ours. */
export function cleanEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "/tmp", TMPDIR = "/tmp", NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, TMPDIR, ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }) };
}
