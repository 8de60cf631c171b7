import { describe } from "node:test";
import { endWithSuite } from "../cleanup.ts";
import { givenRedisUrl, redisServer } from "../config.ts";
import { startRedis } from "../external/redis.ts";
import type { Environment } from "./services.ts";

/** Where the queues of a test live. */
export type Backend = Readonly<{
  name: "PostgreSQL queues" | "Redis queues";
  /** Why its tests cannot run here; false when they can. */
  skip: string | false;
  /** Starts what it needs and returns what services are told of it. */
  start: () => Promise<Environment>;
}>;

/** Why tests that stop, wipe or cluster a Redis cannot run here; false when they can. */
export const withoutRedisServer: string | false =
  redisServer() === undefined ? "there is no redis-server here; install it to run this test" : false;

/** For tests of what does not depend on where the queues live. */
export const postgresQueues: Backend = { name: "PostgreSQL queues", skip: false, start: async () => ({}) };

const backends: readonly Backend[] = [
  postgresQueues,
  {
    name: "Redis queues",
    skip: givenRedisUrl() === undefined ? withoutRedisServer : false,
    start: async () => ({
      REDIS_URL: redisServer() === undefined ? (givenRedisUrl() ?? "") : (await startRedis()).url,
    }),
  },
];

/**
 * A suite for each backend, for tests of what depends on the queues: scheduling, and what happens when a process dies.
 * What the suite starts ends with it.
 */
export function describeOnBackends(title: string, define: (backend: Backend) => void): void {
  for (const backend of backends) {
    describe(`${title}, on ${backend.name}`, { skip: backend.skip }, () => {
      endWithSuite();
      define(backend);
    });
  }
}

/**
 * A suite on PostgreSQL queues, for tests of what does not depend on the queues. What it starts ends with it.
 *
 * @param skip why it cannot run here; false when it can
 */
export function describePipeline(
  title: string,
  define: (backend: Backend) => void,
  skip: string | false = false,
): void {
  describe(title, { skip }, () => {
    endWithSuite();
    define(postgresQueues);
  });
}
