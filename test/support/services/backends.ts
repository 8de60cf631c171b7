import { before, describe, it, type TestContext } from "node:test";
import { endWithSuite } from "../cleanup.ts";
import { givenRedisUrl, redisServer } from "../config.ts";
import { startRedis } from "../external/redis.ts";
import type { Environment } from "./services.ts";

/** Where the queues of a test are: PostgreSQL or Redis. */
export type Backend = Readonly<{
  name: "PostgreSQL queues" | "Redis queues";
  /** Why its tests cannot run on this machine; false when they can. */
  skip: string | false;
  /** Starts Redis where it is needed, and returns the settings for the services. */
  start: () => Promise<Environment>;
}>;

/** Why tests that stop, wipe or cluster a Redis cannot run on this machine; false when they can. */
export const withoutRedisServer: string | false =
  redisServer() === undefined ? "there is no redis-server on this machine; install it to run this test" : false;

/** For tests whose subject does not depend on the kind of queues. */
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
 * Defines a suite for each backend, for tests whose subject depends on the queues: scheduling, and faults of processes.
 * Everything that the suite starts ends with it.
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
 * Defines a suite on PostgreSQL queues, for tests whose subject does not depend on the queues. Everything that the
 * suite starts ends with it.
 *
 * @param skip why it cannot run on this machine; false when it can
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

/**
 * Defines a suite on an installation for each backend that this machine has, for tests that mostly wait, such as for a
 * takeover: each runs on both at the same time. Everything that the suite starts ends with it.
 */
export function describeOnBoth<T>(
  title: string,
  start: (backend: Backend) => Promise<T>,
  define: (it: (guarantee: string, test: (on: T, context: TestContext) => Promise<void>) => void) => void,
): void {
  describe(title, () => {
    endWithSuite();
    let started: readonly Readonly<{ name: string; on: T }>[];
    before(async () => {
      const present = backends.filter(({ skip }) => skip === false);
      started = await Promise.all(present.map(async (backend) => ({ name: backend.name, on: await start(backend) })));
    });
    define((guarantee, test) =>
      it(guarantee, async (context) => {
        const results = started.map(async ({ name, on }) => {
          await test(on, context).catch((cause: unknown) => {
            throw new Error(`with ${name}: ${cause instanceof Error ? cause.message : cause}`, { cause });
          });
        });
        // The clean-up begins when no test runs any more.
        await Promise.allSettled(results);
        await Promise.all(results);
      }));
  });
}
