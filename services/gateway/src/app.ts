import { randomUUID } from "node:crypto";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { basePath } from "@onsale/contracts/api";
import { type FastifyBaseLogger, fastify, LogController } from "fastify";
import type { App, Parts } from "./parts.ts";
import { type AccessRules, registerAccess } from "./plugins/access.ts";
import { registerDocs } from "./plugins/docs.ts";
import { registerHttpMetrics } from "./plugins/http-metrics.ts";
import { collectRoutes, rawProblem, registerProblems } from "./plugins/problems.ts";
import { registerValidation } from "./plugins/validation.ts";
import { registerDeliveryRoutes } from "./routes/deliveries.ts";
import { registerEventRoutes } from "./routes/events.ts";
import { registerInventoryRoutes } from "./routes/inventory.ts";
import { registerOperationRoutes } from "./routes/operations.ts";
import { registerOrderRoutes } from "./routes/orders.ts";
import { registerPurchaseRoute } from "./routes/purchase.ts";
import { registerStreamRoutes } from "./routes/streams.ts";
import { registerWebhookRoutes } from "./routes/webhooks.ts";

const bodyBytesMax = 16 * 1024;
const headerBytesMax = 16 * 1024;
/** For a request to arrive, head and body. */
const requestTimeoutMs = 15_000;
/** For a connection on which nothing moves, although an answer is due: longer than anything here takes. */
const silentMaxMs = 5 * 60_000;
const idleSweepMs = 20;
const requestIdPattern = /^[\w.-]{1,64}$/;
/** Random once per process and then counted: request ids tell requests apart, they keep no secret. */
const requestIdBase = randomUUID().slice(0, 8);
let requestCount = 0;

/** Whom the server serves. */
export type AppOptions = AccessRules &
  Readonly<{
    /** Addresses and networks of proxies that are believed who the client is. */
    trustProxy: readonly string[];
    connectionsMax: number;
  }>;

/** The gateway's HTTP server, not yet listening. */
export async function buildApp(parts: Parts, options: AppOptions): Promise<App> {
  const loggerInstance: FastifyBaseLogger = parts.logger;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: silentMaxMs,
    http: { maxHeaderSize: headerBytesMax },
    trustProxy: options.trustProxy.length > 0 ? [...options.trustProxy] : false,
    keepAliveTimeout: 72_000,
    // While it drains, what arrives on open connections is still answered; readiness is off by then.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 256 },
    genReqId: ({ headers: { "x-request-id": given } }) =>
      typeof given === "string" && requestIdPattern.test(given) ? given : `${requestIdBase}-${++requestCount}`,
    frameworkErrors: (error, request, reply) => void app.errorHandler.call(app, error, request, reply),
    clientErrorHandler: (error, socket) => {
      // An answer that is still due would be taken for this one: then better none.
      const isAnswering = Reflect.get(socket, "_httpMessage") != null;
      if (socket.writable && !isAnswering) socket.end(rawProblem(error.code));
      else socket.destroy();
    },
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.server.maxConnections = options.connectionsMax;
  app.removeContentTypeParser("text/plain");
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
