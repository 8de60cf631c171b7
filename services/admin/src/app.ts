import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { requestTimeouts } from "@onsale/service/request-timeouts";
import { type FastifyBaseLogger, fastify, LogController } from "fastify";
import { guardRequests } from "./access/guard-requests.ts";
import { registerSecurityHeaders } from "./access/security-headers.ts";
import { answerErrors } from "./errors/error-handler.ts";
import type { App, Parts } from "./parts.ts";
import { registerQueueBoard } from "./queues/board.ts";
import { registerAssetRoutes } from "./routes/assets.ts";
import { registerConsoleRoutes } from "./routes/console.ts";
import { registerPageRoutes } from "./routes/console-page.ts";
import { registerLoginRoutes } from "./routes/login.ts";
import { registerStreamRoute } from "./routes/stream.ts";

const bodyBytesMax = 16 * 1024;
const requestTimeoutMs = 15_000;

/** The admin service's HTTP server, not yet listening. */
export async function buildApp(parts: Parts): Promise<App> {
  const loggerInstance: FastifyBaseLogger = parts.logger;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    http: requestTimeouts(requestTimeoutMs),
    return503OnClosing: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (error, request, reply) => void app.errorHandler.call(app, error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.removeContentTypeParser("text/plain");
  answerErrors(app);
  await registerSecurityHeaders(app);
  await app.register(cookie, { secret: parts.sessions.key });
  await app.register(formbody);
  guardRequests(app, parts);
  app.addHook("preClose", (done) => {
    parts.watchers.close();
    done();
  });

  registerPageRoutes(app, parts);
  registerLoginRoutes(app, parts);
  await registerAssetRoutes(app);
  registerStreamRoute(app, parts);
  registerConsoleRoutes(app, parts);
  await registerQueueBoard(app, parts);
  return app;
}
