import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { endWithSuite } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { startRedis } from "../../support/external/redis.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import {
  measure,
  redisFaults,
  startEachService,
  stopEach,
  stopMaxMs,
} from "../../support/services/scenarios/stopping.ts";
import { newDataDir, startStandalone } from "../../support/services/standalone.ts";

describe("with a Redis that", { skip: withoutRedisServer }, () => {
  endWithSuite();

  for (const { name, apply } of redisFaults) {
    it(`${name} before they started, each service stops within 10 s`, async () => {
      const redis = await startRedis();
      await apply(redis);
      const services = await startEachService({ DATABASE_URL: await createTestDatabase(), REDIS_URL: redis.url });
      assert.deepEqual(await stopEach(services), []);
    });

    it(`${name}, npm start stops all of its processes within 10 s`, async () => {
      const redis = await startRedis();
      const environment = {
        REDIS_URL: redis.url,
        DATABASE_URL: await createTestDatabase(),
        GATEWAYS: "2",
        WORKERS: "4",
        NOTIFIERS: "2",
      };
      const program = startStandalone({ dataDir: newDataDir(), environment });
      await program.ready();
      await apply(redis);
      const tookMs = await measure(async () => {
        program.process.kill("SIGTERM");
        await program.exited;
      });
      assert(tookMs <= stopMaxMs, `it took ${tookMs} ms`);
    });
  }
});
