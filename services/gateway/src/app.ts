import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { basePath } from "@onsale/contracts/api";
import { createHttpServer, type HttpServerOptions } from "./http-server.ts";
import type { App, Parts } from "./parts.ts";
import { type AccessRules, registerAccess } from "./plugins/access.ts";
import { registerDocs } from "./plugins/docs.ts";
import { registerHttpMetrics } from "./plugins/http-metrics.ts";
import { collectRoutes, registerProblems } from "./plugins/problems.ts";
import { registerSerialization } from "./plugins/serialization.ts";
import { registerValidation } from "./plugins/validation.ts";
import { registerDeliveryRoutes } from "./routes/deliveries.ts";
import { registerEventRoutes } from "./routes/events.ts";
import { registerInventoryRoutes } from "./routes/inventory.ts";
import { registerOperationRoutes } from "./routes/operations.ts";
import { registerOrderRoutes } from "./routes/orders.ts";
import { registerPurchaseRoute } from "./routes/purchase.ts";
import { registerStreamRoutes } from "./routes/streams.ts";
import { registerWebhookRoutes } from "./routes/webhooks.ts";

const idleSweepMs = 20;

/** Whom the server serves, and how much of it. */
export type AppOptions = AccessRules & HttpServerOptions;

/** The gateway's HTTP server, not yet listening. */
export async function buildApp(parts: Parts, options: AppOptions): Promise<App> {
  const app = createHttpServer(parts.logger, options);
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    done();
  });
  app.addHook("preClose", (done) => {
    parts.waiters.close();
    parts.saleStreams.close();
    // Connections that are busy now become idle with their answers; left alone they would stay open for their clients.
    const sweep = setInterval(() => app.server.closeIdleConnections(), idleSweepMs);
    app.server.once("close", () => clearInterval(sweep));
    done();
  });
  collectRoutes(app);
  registerValidation(app);
  registerSerialization(app);
  registerProblems(app);
  registerHttpMetrics(app, parts.metrics);
  registerAccess(app, options, parts.metrics);
  await registerDocs(app);
  registerOperationRoutes(app, parts);
  await app.register(
    async (scope) => {
      const api = scope.withTypeProvider<TypeBoxTypeProvider>();
      registerEventRoutes(api, parts);
      registerInventoryRoutes(api, parts);
      registerPurchaseRoute(api, parts);
      registerOrderRoutes(api, parts);
      registerStreamRoutes(api, parts);
      registerWebhookRoutes(api, parts);
      registerDeliveryRoutes(api, parts);
    },
    { prefix: basePath },
  );
  return app;
}
