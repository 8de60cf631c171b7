import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { startAdminService } from "../../support/browser/admin.ts";
import { endWithSuite } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { startRedis, type TestRedis } from "../../support/external/redis.ts";
import { createApi } from "../../support/http/api.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { untilAllDecided } from "../../support/services/installation.ts";
import {
  type Environment,
  type Service,
  startGateway,
  startNotifier,
  startWorker,
} from "../../support/services/services.ts";
import { newDataDir, startStandalone } from "../../support/services/standalone.ts";
import { webhookSettings } from "../../support/webhooks/webhooks.ts";

const stopMaxMs = 10_000;

async function msOf(stop: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await stop();
  return performance.now() - startedAtMs;
}

const faults: readonly Readonly<{ name: string; apply: (redis: TestRedis) => unknown }>[] = [
  { name: "was killed", apply: (redis) => redis.stop() },
  { name: "answers nothing", apply: (redis) => redis.freeze() },
];

describe("with a Redis that", { skip: withoutRedisServer }, () => {
  endWithSuite();

  for (const { name, apply } of faults) {
    it(`${name}, every service stops within 10 s`, async () => {
      const redis = await startRedis();
      const environment: Environment = {
        ...webhookSettings(),
        DATABASE_URL: await createTestDatabase(),
        REDIS_URL: redis.url,
      };
      const [gateway, worker, notifier, admin] = await Promise.all([
        startGateway(environment),
        startWorker(environment),
        startNotifier(environment),
        startAdminService(environment),
      ]);
      const api = createApi(gateway.url);
      const eventCode = await api.createEvent({ STANDARD: 10 });
      await apply(redis);
      // Each process uses its queues, so that it knows of the fault.
      await api.purchase({ eventCode });
      await untilAllDecided(api, eventCode);
      const services: Readonly<Record<string, Service>> = { gateway, worker, notifier, admin };
      const tookMs = await Promise.all(
        Object.entries(services).map(async ([kind, service]) => [kind, await msOf(service.stop)] as const),
      );
      for (const [kind, ms] of tookMs) assert(ms <= stopMaxMs, `${kind} stopped after ${ms} ms`);
    });

    it(`${name} from the start, every service stops within 10 s`, async () => {
      const redis = await startRedis();
      await apply(redis);
      const environment: Environment = {
        ...webhookSettings(),
        DATABASE_URL: await createTestDatabase(),
        REDIS_URL: redis.url,
      };
      const [gateway, worker, notifier, admin] = await Promise.all([
        startGateway(environment),
        startWorker(environment),
        startNotifier(environment),
        startAdminService(environment),
      ]);
      const services: Readonly<Record<string, Service>> = { gateway, worker, notifier, admin };
      const tookMs = await Promise.all(
        Object.entries(services).map(async ([kind, service]) => [kind, await msOf(service.stop)] as const),
      );
      for (const [kind, ms] of tookMs) assert(ms <= stopMaxMs, `${kind} stopped after ${ms} ms`);
    });

    it(`${name}, the standalone program stops all of its services within 10 s`, async () => {
      const redis = await startRedis();
      const program = startStandalone({
        dataDir: newDataDir(),
        environment: { REDIS_URL: redis.url, DATABASE_URL: await createTestDatabase(), GATEWAYS: "2", WORKERS: "2" },
      });
      await program.ready();
      await apply(redis);
      const ms = await msOf(async () => {
        program.process.kill("SIGTERM");
        await program.exited;
      });
        name,
        "standalone",
        ms,
        program
          .output()
          .split("\n")
          .filter((l) => /gave up|failed to close/.test(l)),
      );
      assert(ms <= stopMaxMs, `standalone stopped after ${ms} ms`);
    });
  }
});
