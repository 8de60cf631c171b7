// Redis that loses what it has: nothing in it cannot be made anew.
import { setTimeout as delay } from "node:timers/promises";
import type { FaultKind } from "./fault.ts";

const awayMinMs = 500;
const awayMaxMs = 4_000;
const frozenMinMs = 1_000;
const frozenMaxMs = 9_000;

const group = "Redis";
const delaysHolds = true;

export const redisFaults: readonly FaultKind[] = [
  {
    name: "Redis is emptied",
    group,
    delaysHolds,
    inject: async ({ stack: { redis } }) => {
      if (redis === undefined) return 0;
      const keyCount = Number((await redis.command("DBSIZE")).match(/\d+/)?.[0]);
      await redis.command("FLUSHALL");
      return keyCount;
    },
  },
  {
    name: "Redis is killed and comes back empty",
    group,
    delaysHolds,
    inject: async ({ stack: { redis }, drawMs }) => {
      if (redis === undefined) return 0;
      await redis.stop();
      await delay(drawMs(awayMinMs, awayMaxMs));
      await redis.start();
      return 1;
    },
  },
  {
    name: "Redis is frozen",
    group,
    delaysHolds,
    inject: async ({ stack: { redis }, drawMs }) => {
      if (redis === undefined) return 0;
      redis.freeze();
      try {
        await delay(drawMs(frozenMinMs, frozenMaxMs));
      } finally {
        redis.thaw();
      }
      return 1;
    },
  },
];
