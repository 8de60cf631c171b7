// Builds the gateway's HTTP server from its plugins and routes.
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { basePath } from "@onsale/contracts/values";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import { type AccessRules, registerAccess } from "./access/guard-routes.ts";
import type { App } from "./http/app-type.ts";
import { createHttpServer, type HttpServerOptions, registerHttpMetrics } from "./http/http-server.ts";
import { closeAnsweredConnections, type LameDuck } from "./http/lame-duck.ts";
import { registerMessageRules } from "./http/message-rules.ts";
import { collectRoutes, registerProblems } from "./http/problems.ts";
import { registerSerialization } from "./http/serialization.ts";
import { registerValidation } from "./http/validation.ts";
import { registerPressure } from "./overload/pressure.ts";
import type { PressureLimits } from "./overload/pressure-levels.ts";
import { registerDocs } from "./reference/register-docs.ts";
import { type AccessCodeRouteParts, registerAccessCodeRoutes } from "./routes/access-codes.ts";
import { type BookRouteParts, registerBookRoutes } from "./routes/books.ts";
import { type CancellationRouteParts, registerCancellationRoutes } from "./routes/cancellation.ts";
import { type ChangeRouteParts, registerChangeRoute } from "./routes/changes.ts";
import { type CustomerRouteParts, registerCustomerRoute } from "./routes/customers.ts";
import { type DeliveryRouteParts, registerDeliveryRoutes } from "./routes/deliveries.ts";
import { type EventRuleRouteParts, registerEventRuleRoutes } from "./routes/event-rules.ts";
import { type EventRouteParts, registerEventRoutes } from "./routes/events.ts";
import { type InventoryRouteParts, registerInventoryRoutes } from "./routes/inventory.ts";
import { type MoveRouteParts, registerMoveRoute } from "./routes/move-stock.ts";
import { type OperationRouteParts, registerOperationRoutes } from "./routes/operations.ts";
import { type OrderRouteParts, registerOrderRoutes } from "./routes/orders.ts";
import { type PurchaseRouteParts, registerPurchaseRoute } from "./routes/purchase.ts";
import { registerStreamRoutes, type StreamRouteParts } from "./routes/streams.ts";
import { registerTransitionRoutes, type TransitionRouteParts } from "./routes/transitions.ts";
import { registerWebhookRoutes, type WebhookRouteParts } from "./routes/webhooks.ts";

/** How often a closing server closes connections that became idle. */
const idleSweepMs = 20;

/** Who may call the server, and the limits of connections, requests and load. */
export type AppOptions = AccessRules & HttpServerOptions & Readonly<{ pressureLimits: PressureLimits }>;

export type AppParts = Readonly<{ logger: Logger; metrics: Metrics; lameDuck: LameDuck }> &
  EventRouteParts &
  EventRuleRouteParts &
  AccessCodeRouteParts &
  CancellationRouteParts &
  InventoryRouteParts &
  MoveRouteParts &
  PurchaseRouteParts &
  OrderRouteParts &
  TransitionRouteParts &
  ChangeRouteParts &
  BookRouteParts &
  CustomerRouteParts &
  StreamRouteParts &
  WebhookRouteParts &
  DeliveryRouteParts &
  OperationRouteParts;

/** Builds the gateway's HTTP server; it does not listen yet. */
export async function buildApp(parts: AppParts, options: AppOptions): Promise<App> {
  const forwardedIgnored = parts.metrics.counter("forwarded_ignored_total");
  const app = createHttpServer(parts.logger, { ...options, onForwardedIgnored: () => forwardedIgnored.inc() });
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    done();
  });
  registerMessageRules(app);
  closeAnsweredConnections(app, parts.lameDuck.hasBegun);
  app.addHook("preClose", (done) => {
    parts.waiters.close();
    parts.saleStreams.close();
    // A busy connection becomes idle with its answer; without the sweep it would stay open until its client closes it.
    const sweep = setInterval(() => app.server.closeIdleConnections(), idleSweepMs);
    app.server.once("close", () => clearInterval(sweep));
    done();
  });
  collectRoutes(app);
  registerValidation(app);
  registerSerialization(app);
  registerProblems(app);
  registerHttpMetrics(app, parts.metrics);
  await registerPressure(app, options.pressureLimits, parts.metrics);
  registerAccess(app, options, parts.metrics);
  await registerDocs(app);
  registerOperationRoutes(app, parts);
  await app.register(
    async (scope) => {
      const api = scope.withTypeProvider<TypeBoxTypeProvider>();
      registerEventRoutes(api, parts);
      registerEventRuleRoutes(api, parts);
      registerAccessCodeRoutes(api, parts);
      registerCancellationRoutes(api, parts);
      registerInventoryRoutes(api, parts);
      registerMoveRoute(api, parts);
      registerPurchaseRoute(api, parts);
      registerOrderRoutes(api, parts);
      registerTransitionRoutes(api, parts);
      registerChangeRoute(api, parts);
      registerBookRoutes(api, parts);
      registerCustomerRoute(api, parts);
      registerStreamRoutes(api, parts);
      registerWebhookRoutes(api, parts);
      registerDeliveryRoutes(api, parts);
    },
    { prefix: basePath },
  );
  return app;
}
