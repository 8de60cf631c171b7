import { isApiScope } from "@onsale/domain/api-scope";
import type { FastifySchema } from "fastify";
import type { RouteScope } from "../route-scope.ts";
import { problemResponses } from "./responses.ts";

/** What a route's schema says of who may call it, and of the problems of those who may not. */
export function documentAccess(scope: RouteScope, { response }: FastifySchema = {}) {
  if (scope === "probe") return { security: [] };
  const limited = problemResponses("rate-limited", "host-refused");
  if (scope === "public") return { security: [], response: { ...Object(response), ...limited } };
  const refused = problemResponses("unauthorized", ...(isApiScope(scope) ? (["insufficient-scope"] as const) : []));
  return {
    security: [{ apiKey: isApiScope(scope) ? [scope] : [] }],
    response: { ...Object(response), ...refused, ...limited },
  };
}
