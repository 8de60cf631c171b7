import type { Metrics } from "@onsale/observability/metrics";
import { Type } from "typebox";
import { createGroupedRead } from "../batching/grouped-read.ts";
import type { App } from "../http/app-type.ts";

const probeCountMax = 10_000;

const Health = Type.Object({ status: Type.String({ examples: ["UP"] }) });

export type OperationRouteParts = Readonly<{ isReady: () => Promise<boolean>; metrics: Metrics }>;

/** Health and metrics, also at the paths of Spring Boot. */
export function registerOperationRoutes(app: App, { isReady, metrics }: OperationRouteParts): void {
  const tags = ["operations"];
  // Anybody may ask, any number of times: everybody who asks at the same time shares one query.
  const askReady = createGroupedRead<void, boolean>({
    slotCount: 1,
    groupCountMax: probeCountMax,
    readAll: async () => {
      const ready = await isReady();
      return () => ready;
    },
  });

  const liveSchema = { tags, summary: "Is the process alive? Touches nothing.", response: { 200: Health } };
  app.get("/livez", { schema: liveSchema, config: { scope: "probe" } }, async () => ({ status: "UP" }));

  const readySchema = {
    tags,
    summary: "Can purchases be accepted? PostgreSQL answers, and is migrated.",
    response: { 200: Health, 503: Health },
  };
  for (const path of ["/readyz", "/actuator/health"]) {
    app.get(path, { schema: readySchema, config: { scope: "probe" } }, async (_request, reply) => {
      const ready = await askReady().catch(() => false);
      return reply.code(ready ? 200 : 503).send({ status: ready ? "UP" : "DOWN" });
    });
  }

  const metricsSchema = {
    tags,
    summary: "The metrics of this process, for Prometheus",
    description: "They are about all accounts, so they take an API key of the account `default`.",
    produces: ["text/plain"],
    response: { 200: { content: { "text/plain": { schema: Type.String() } } } },
  };
  for (const path of ["/metrics", "/actuator/prometheus"]) {
    app.get(path, { schema: metricsSchema, config: { scope: "installation" } }, async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.text()),
    );
  }
}
