// The HTTP server without its routes: how large a request may be, and how long it may take to arrive.
import { randomUUID } from "node:crypto";
import { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { Metrics } from "@onsale/observability/metrics";
import { requestTimeouts } from "@onsale/service/request-timeouts";
import { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, fastify, LogController } from "fastify";
import type { App } from "./app-type.ts";
import { type ClientConnectionOptions, registerClientConnections } from "./client-connections.ts";
import { registerBodies } from "./message-rules.ts";
import { rawProblem } from "./problems.ts";

const bodyBytesMax = 16 * 1024;
const headerBytesMax = 16 * 1024;
const defaultRequestTimeoutMs = 15_000;
/** Closes a connection without traffic, also one that waits for an answer: longer than any answer takes. */
const connectionTimeoutMs = 5 * 60_000;
/** Connections that the kernel accepts before the gateway does; the kernel's net.core.somaxconn may be lower. */
export const listenBacklog = 4_096;
/** How long a client may take to read why its request was refused. */
const refusedMaxMs = 1_000;
const requestIdPattern = /^[\w.-]{1,64}$/;
/** Request ids are a random base per process and a counter: they must be unique, but need not be secret. */
const requestIdBase = randomUUID().slice(0, 8);
let requestCount = 0;

export type HttpServerOptions = ClientConnectionOptions &
  Readonly<{
    connectionsMax: number;
    /** After how many seconds without a request a connection is closed. */
    keepAliveSeconds: number;
    /** How long a request may take to arrive, head and body; 15 s by default. */
    requestTimeoutMs?: number;
  }>;

/** Creates a server without routes; it does not listen yet. */
export function createHttpServer(loggerInstance: FastifyBaseLogger, options: HttpServerOptions): App {
  const { trustProxy, connectionsMax, keepAliveSeconds, requestTimeoutMs = defaultRequestTimeoutMs } = options;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: connectionTimeoutMs,
    // Node would answer a missing Host without a problem; message-rules.ts refuses it.
    http: { maxHeaderSize: headerBytesMax, requireHostHeader: false, ...requestTimeouts(requestTimeoutMs) },
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    keepAliveTimeout: keepAliveSeconds * 1_000,
    // A stopping server still answers requests on open connections; load balancers see by then that it is not ready.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 256 },
    genReqId: ({ headers: { "x-request-id": given } }) =>
      typeof given === "string" && requestIdPattern.test(given) ? given : `${requestIdBase}-${++requestCount}`,
    frameworkErrors: (error, request, reply) => void app.errorHandler.call(app, error, request, reply),
    clientErrorHandler: (error, socket) => refuse(socket, error.code),
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.server.maxConnections = connectionsMax;
  registerBodies(app);
  registerClientConnections(app, options);
  return app;
}

/** Answers what Node could not read as a request with a problem, and closes the connection. */
function refuse(socket: Socket, nodeErrorCode: string | undefined): void {
  if (!socket.writable || isAnswerDue(socket)) {
    socket.destroy();
    return;
  }
  socket.end(rawProblem(nodeErrorCode));
  const destroy = setTimeout(() => socket.destroy(), refusedMaxMs);
  socket.once("close", () => clearTimeout(destroy));
}

/** Whether the client still waits for the answer to an earlier, complete request: it would take the problem for it. */
function isAnswerDue(socket: Socket): boolean {
  const answer: unknown = Reflect.get(socket, "_httpMessage");
  if (answer === null || answer === undefined) return false;
  return !(answer instanceof ServerResponse) || answer.headersSent || answer.req.complete;
}

/** Measures every request by its route pattern; a path without a route counts as "unmatched". */
export function registerHttpMetrics(app: FastifyInstance, metrics: Metrics): void {
  const duration = metrics.histogram("http_server_request_duration_seconds");
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.is404 ? "unmatched" : (request.routeOptions.url ?? "unmatched");
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
}

/**
 * A signal that is aborted when the client has left, also when that was before the call. Fastify's `request.signal`
 * follows the request instead: it is aborted as soon as the body was read, or never, when that was before its first
 * use.
 */
export function clientGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.closed) gone.abort();
  else raw.once("close", () => gone.abort());
  return gone.signal;
}
