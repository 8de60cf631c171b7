// The HTTP server as far as it knows nothing of tickets: how much it takes of a request, and how long it waits for one.
import { randomUUID } from "node:crypto";
import { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { Metrics } from "@onsale/observability/metrics";
import { requestTimeouts } from "@onsale/service/request-timeouts";
import { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, fastify, LogController } from "fastify";
import type { App } from "./app-type.ts";
import { rawProblem } from "./problems.ts";

const bodyBytesMax = 16 * 1024;
const headerBytesMax = 16 * 1024;
/** For a request to arrive, head and body. */
const arrivalMaxMs = 15_000;
/** For a connection on which nothing moves, although an answer is due: longer than anything here takes. */
const silentMaxMs = 5 * 60_000;
/** For a client to read why it is refused. */
const refusedMaxMs = 1_000;
const requestIdPattern = /^[\w.-]{1,64}$/;
/** Random once per process and then counted: request ids tell requests apart, they keep no secret. */
const requestIdBase = randomUUID().slice(0, 8);
let requestCount = 0;

export type HttpServerOptions = Readonly<{
  /** Addresses and networks of proxies that are believed who the client is. */
  trustProxy: readonly string[];
  connectionsMax: number;
  /** How long a request may take to arrive, head and body; 15 s unless it is said otherwise. */
  requestTimeoutMs?: number;
}>;

/** A server without routes, not yet listening. */
export function createHttpServer(loggerInstance: FastifyBaseLogger, options: HttpServerOptions): App {
  const { trustProxy, connectionsMax, requestTimeoutMs = arrivalMaxMs } = options;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: silentMaxMs,
    http: { maxHeaderSize: headerBytesMax, ...requestTimeouts(requestTimeoutMs) },
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    keepAliveTimeout: 72_000,
    // While it drains, what arrives on open connections is still answered; readiness is off by then.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 256 },
    genReqId: ({ headers: { "x-request-id": given } }) =>
      typeof given === "string" && requestIdPattern.test(given) ? given : `${requestIdBase}-${++requestCount}`,
    frameworkErrors: (error, request, reply) => void app.errorHandler.call(app, error, request, reply),
    clientErrorHandler: (error, socket) => refuse(socket, error.code),
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.server.maxConnections = connectionsMax;
  app.removeContentTypeParser("text/plain");
  return app;
}

/** Says what is wrong with what Node could not read as a request, and closes the connection, also when nobody reads. */
function refuse(socket: Socket, nodeErrorCode: string | undefined): void {
  if (!socket.writable || isAnswerDue(socket)) {
    socket.destroy();
    return;
  }
  socket.end(rawProblem(nodeErrorCode));
  const cut = setTimeout(() => socket.destroy(), refusedMaxMs);
  socket.once("close", () => clearTimeout(cut));
}

/** Whether the next answer is that of a request that arrived as a whole, or has begun: another one would be taken for it. */
function isAnswerDue(socket: Socket): boolean {
  const answer: unknown = Reflect.get(socket, "_httpMessage");
  if (answer === null || answer === undefined) return false;
  return !(answer instanceof ServerResponse) || answer.headersSent || answer.req.complete;
}

/** Measures every request, by route pattern: a path that is not a route counts as "unmatched". */
export function registerHttpMetrics(app: FastifyInstance, metrics: Metrics): void {
  const duration = metrics.histogram("http_server_request_duration_seconds");
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.is404 ? "unmatched" : (request.routeOptions.url ?? "unmatched");
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
}

/**
 * Aborted when the client has left; asked for at any time. Fastify's `request.signal` follows the request instead of the
 * answer: it is aborted as soon as a body has been read, or never, when that was before it was first asked for.
 */
export function clientGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.closed) gone.abort();
  else raw.once("close", () => gone.abort());
  return gone.signal;
}
