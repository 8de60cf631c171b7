import type { Metrics } from "@onsale/observability/metrics";
import type { FastifyInstance } from "fastify";

/** Measures every request, by route pattern: a path that is not a route counts as "unmatched". */
export function registerHttpMetrics(app: FastifyInstance, metrics: Metrics): void {
  const duration = metrics.histogram("http_server_request_duration_seconds");
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.is404 ? "unmatched" : (request.routeOptions.url ?? "unmatched");
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
}
