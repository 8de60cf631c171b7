// Builds the admin service's HTTP server from its plugins and routes.
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { requestTimeouts } from "@onsale/service/request-timeouts";
import { type FastifyBaseLogger, fastify, LogController } from "fastify";
import { type GuardParts, guardRequests } from "./access/guard-requests.ts";
import { registerMessageRules } from "./access/message-rules.ts";
import { registerSecurityHeaders } from "./access/security-headers.ts";
import { registerErrorHandler } from "./errors/error-handler.ts";
import type { App } from "./http/app-type.ts";
import { type QueueBoardParts, registerQueueBoard } from "./queues/board.ts";
import { type ApiKeyRouteParts, registerApiKeyRoutes } from "./routes/api-keys.ts";
import { registerAssetRoutes } from "./routes/assets.ts";
import { type ConsoleRouteParts, registerConsoleRoutes } from "./routes/console.ts";
import { type ConsolePageParts, registerConsolePage } from "./routes/console-page.ts";
import { type EventChangeRouteParts, registerEventChangeRoutes } from "./routes/event-changes.ts";
import { type EventFactRouteParts, registerEventFactRoutes } from "./routes/event-facts.ts";
import { type EventRuleRouteParts, registerEventRuleRoutes } from "./routes/event-rules.ts";
import { type LoginRouteParts, registerLoginRoutes } from "./routes/login.ts";
import { type OrderRouteParts, registerOrderRoutes } from "./routes/orders.ts";
import { type QueueRouteParts, registerQueueRoutes } from "./routes/queues.ts";
import { registerStreamRoute, type StreamRouteParts } from "./routes/stream.ts";
import { registerWebhookRoutes, type WebhookRouteParts } from "./routes/webhooks.ts";

const bodyBytesMax = 16 * 1024;
const requestTimeoutMs = 15_000;

/** What the routes need. */
export type AppParts = GuardParts &
  ConsolePageParts &
  LoginRouteParts &
  StreamRouteParts &
  ConsoleRouteParts &
  EventFactRouteParts &
  EventRuleRouteParts &
  EventChangeRouteParts &
  OrderRouteParts &
  WebhookRouteParts &
  ApiKeyRouteParts &
  QueueRouteParts &
  QueueBoardParts;

/** Builds the admin service's HTTP server; it does not listen yet. */
export async function buildApp(parts: AppParts): Promise<App> {
  const loggerInstance: FastifyBaseLogger = parts.logger;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    // Node would answer a missing Host without a reason; message-rules.ts refuses it.
    http: { requireHostHeader: false, ...requestTimeouts(requestTimeoutMs) },
    return503OnClosing: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (error, request, reply) => void app.errorHandler.call(app, error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.removeContentTypeParser("text/plain");
  registerErrorHandler(app);
  registerMessageRules(app);
  await registerSecurityHeaders(app);
  await app.register(cookie, { secret: parts.sessions.key });
  await app.register(formbody);
  guardRequests(app, parts);
  app.addHook("preClose", (done) => {
    parts.streamClients.close();
    done();
  });

  registerConsolePage(app, parts);
  registerLoginRoutes(app, parts);
  await registerAssetRoutes(app);
  registerStreamRoute(app, parts);
  registerConsoleRoutes(app, parts);
  registerEventFactRoutes(app, parts);
  registerEventRuleRoutes(app, parts);
  registerEventChangeRoutes(app, parts);
  registerOrderRoutes(app, parts);
  registerWebhookRoutes(app, parts);
  registerApiKeyRoutes(app, parts);
  registerQueueRoutes(app, parts);
  await registerQueueBoard(app, parts);
  return app;
}
