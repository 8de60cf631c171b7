import type { FastifySchema } from "fastify";
import { neededScope, type RouteScope } from "../route-scope.ts";
import { problemResponses } from "./responses.ts";

/** What a route's schema says of who may call it, and of the problems of those who may not. */
export function documentAccess(scope: RouteScope, { response }: FastifySchema = {}) {
  if (scope === "probe") return { security: [] };
  const limited = problemResponses("rate-limited", "host-refused");
  if (scope === "public") return { security: [], response: { ...Object(response), ...limited } };
  const needed = neededScope(scope);
  const refused = problemResponses("unauthorized", ...(needed === "any" ? [] : (["insufficient-scope"] as const)));
  return {
    security: [{ apiKey: needed === "any" ? [] : [needed] }],
    response: { ...Object(response), ...refused, ...limited },
  };
}
