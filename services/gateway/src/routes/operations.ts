import type { Metrics } from "@onsale/observability/metrics";
import { Type } from "typebox";
import { createGroupedRead } from "../batching/grouped-read.ts";
import type { App } from "../http/app-type.ts";

const probeCountMax = 10_000;

const Health = Type.Object({ status: Type.String({ examples: ["UP"] }) });

export type OperationRouteParts = Readonly<{ isReady: () => Promise<boolean>; metrics: Metrics }>;

/** Registers health and metrics, also at the paths that Spring Boot has for them. */
export function registerOperationRoutes(app: App, { isReady, metrics }: OperationRouteParts): void {
  const tags = ["operations"];
  // Everybody may call these routes without a limit, so probes that come together share one query.
  const checkReady = createGroupedRead<void, boolean>({
    slotCount: 1,
    groupSizeMax: probeCountMax,
    readAll: async () => {
      const ready = await isReady();
      return () => ready;
    },
  });

  const liveSchema = {
    tags,
    operationId: "getLiveness",
    summary: "Whether the process is alive; uses no database",
    response: { 200: Health },
  };
  app.get("/livez", { schema: liveSchema, config: { scope: "probe", shedAt: "never" } }, async () => ({
    status: "UP",
  }));

  const readySchema = {
    tags,
    summary: "Whether purchases can be accepted: PostgreSQL answers, and is migrated",
    response: { 200: Health, 503: Health },
  };
  const readyPaths = { getReadiness: "/readyz", getActuatorHealth: "/actuator/health" };
  for (const [operationId, path] of Object.entries(readyPaths)) {
    const schema = { ...readySchema, operationId };
    app.get(path, { schema, config: { scope: "probe", shedAt: "never" } }, async (_request, reply) => {
      const ready = await checkReady().catch(() => false);
      return reply.code(ready ? 200 : 503).send({ status: ready ? "UP" : "DOWN" });
    });
  }

  const metricsSchema = {
    tags,
    summary: "The metrics of this process, for Prometheus",
    description: "They cover all accounts, so they take an API key of the account `default`.",
    produces: ["text/plain"],
    response: { 200: { content: { "text/plain": { schema: Type.String() } } } },
  };
  const metricsPaths = { getMetrics: "/metrics", getActuatorPrometheus: "/actuator/prometheus" };
  for (const [operationId, path] of Object.entries(metricsPaths)) {
    const schema = { ...metricsSchema, operationId };
    app.get(path, { schema, config: { scope: "installation", shedAt: "never" } }, async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.text()),
    );
  }
}
