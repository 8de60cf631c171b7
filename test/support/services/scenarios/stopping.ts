// Faults of Redis, and how long services take to stop with them.
import { startAdminService } from "../../browser/admin.ts";
import type { TestRedis } from "../../external/redis.ts";
import { webhookSettings } from "../../webhooks/webhooks.ts";
import { type Environment, type Service, startGateway, startNotifier, startWorker } from "../services.ts";

/** Container runtimes kill a process some time after they asked it to stop: Docker after 10 s. */
export const stopMaxMs = 10_000;

export const redisFaults: readonly Readonly<{ name: string; apply: (redis: TestRedis) => unknown }>[] = [
  { name: "was killed", apply: (redis) => redis.stop() },
  { name: "answers nothing", apply: (redis) => redis.freeze() },
];

/** Starts one process of each kind; they are ended as cleanup.ts says. */
export async function startEachService(environment: Environment) {
  const settings = { ...webhookSettings(), ...environment };
  const [gateway, worker, notifier, admin] = await Promise.all([
    startGateway(settings),
    startWorker(settings),
    startNotifier(settings),
    startAdminService(settings),
  ]);
  return { gateway, worker, notifier, admin };
}

/** Stops the services at the same time, and returns the names of those that took too long, with their times. */
export async function stopEach(services: Readonly<Record<string, Service>>): Promise<string[]> {
  const slow = Object.entries(services).map(async ([name, service]) => {
    const tookMs = await measure(service.stop);
    return tookMs > stopMaxMs ? [`${name} took ${Math.round(tookMs)} ms`] : [];
  });
  return (await Promise.all(slow)).flat();
}

/** How many milliseconds something takes. */
export async function measure(run: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await run();
  return performance.now() - startedAtMs;
}
