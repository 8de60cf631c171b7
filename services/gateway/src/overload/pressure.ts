// What a gateway stops to answer when its event loop or its memory cannot keep up: lists first, which nobody waits for;
// then purchases, of which nothing is recorded yet; last polls, and changes of orders, which have tickets. Health
// checks and metrics are always answered: a gateway that was restarted for its load would only move it to the others.
import underPressure from "@fastify/under-pressure";
import type { Metrics } from "@onsale/observability/metrics";
import type { FastifyRequest } from "fastify";
import type { App } from "../http/app-type.ts";
import { ProblemError } from "../http/problem-error.ts";
import { createSteadyLevel, levelOf, type PressureLevel, type PressureLimits } from "./pressure-levels.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** From which pressure on the route is refused: 1 for lists, 2 for purchases, 3 if nothing is said. */
    shedAt?: Exclude<PressureLevel, 0> | "never";
  }
}

const noteEveryMs = 250;

/** Refuses requests under pressure; must be called before the first route. Measured once a second. */
export async function registerPressure(
  app: App,
  { loopDelayMs, heapBytes }: PressureLimits,
  metrics: Metrics,
): Promise<void> {
  const rejected = metrics.counter("admission_rejected_total");

  function currentLevel(): PressureLevel {
    const { eventLoopDelay, heapUsed } = app.memoryUsage();
    const ofLoop = levelOf(eventLoopDelay, loopDelayMs);
    const ofHeap = levelOf(heapUsed, heapBytes);
    return ofLoop > ofHeap ? ofLoop : ofHeap;
  }

  const steadyLevel = createSteadyLevel();
  let level: PressureLevel = 0;
  const noting = setInterval(() => {
    level = steadyLevel(currentLevel(), performance.now());
  }, noteEveryMs).unref();
  app.addHook("onClose", (_app, done) => {
    clearInterval(noting);
    done();
  });

  function shed({ routeOptions }: FastifyRequest): void {
    const { shedAt = 3 } = routeOptions.config;
    if (shedAt === "never" || level < shedAt) return;
    rejected.inc({ reason: "overloaded" });
    throw new ProblemError("overloaded", "This gateway has more to do than it can. Try again in a moment.");
  }

  await app.register(underPressure, {
    maxEventLoopDelay: loopDelayMs?.[0] ?? 0,
    maxHeapUsedBytes: heapBytes?.[0] ?? 0,
    pressureHandler: shed,
  });
}
