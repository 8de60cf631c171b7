import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { endWithSuite } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { startRedis } from "../../support/external/redis.ts";
import { createApi } from "../../support/http/api.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { untilAllDecided } from "../../support/services/installation.ts";
import { redisFaults, startEachService, stopEach } from "../../support/services/scenarios/stopping.ts";

// stopping.long.test.ts has more of it.
describe("with a Redis that", { skip: withoutRedisServer }, () => {
  endWithSuite();

  for (const { name, apply } of redisFaults) {
    it(`${name}, each service stops within 10 s`, async () => {
      const redis = await startRedis();
      const services = await startEachService({ DATABASE_URL: await createTestDatabase(), REDIS_URL: redis.url });
      const api = createApi(services.gateway.url);
      const eventCode = await api.createEvent({ STANDARD: 10 });
      await api.purchase({ eventCode, waitSeconds: 10 });
      await apply(redis);
      // Gateway and worker use their queues, so that they meet the fault.
      await api.purchase({ eventCode });
      await untilAllDecided(api, eventCode);
      assert.deepEqual(await stopEach(services), []);
    });
  }
});
