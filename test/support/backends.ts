import { givenRedisUrl, redisServer } from "./config.ts";
import { startRedis } from "./redis.ts";
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

/** Every test of the pipeline runs on each of them. */
export const backends: readonly Backend[] = [
  { name: "PostgreSQL queues", skip: false, start: async () => ({}) },
  {
    name: "Redis queues",
    skip: givenRedisUrl() === undefined ? withoutRedisServer : false,
    start: async () => ({
      REDIS_URL: redisServer() === undefined ? (givenRedisUrl() ?? "") : (await startRedis()).url,
    }),
  },
];
