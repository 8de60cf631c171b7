import type { ApiScope } from "@onsale/domain/api-scope";

/**
 * Who may call a route:
 *
 * - a scope: an API key that has it;
 * - `any`: any API key;
 * - `public`: anybody, as often as an address may;
 * - `probe`: anybody, any number of times, because a load balancer that asks whether a gateway works must be answered.
 */
export type RouteScope = ApiScope | "any" | "public" | "probe";

declare module "fastify" {
  interface FastifyContextConfig {
    scope?: RouteScope;
  }
  interface FastifyRequest {
    /** Whose events, orders and webhooks the request is about. */
    accountId: number;
  }
}
