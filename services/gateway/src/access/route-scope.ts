import type { ApiScope } from "@onsale/security/api-scope";

/**
 * Who may call a route:
 *
 * - a scope: an API key that has it;
 * - `any`: any API key;
 * - `installation`: an API key of the default account with the scope `admin`, because it is about all accounts;
 * - `public`: anybody, as often as an address may;
 * - `probe`: anybody, any number of times, because a load balancer that asks whether a gateway works must be answered.
 */
export type RouteScope = KeyScope | "public" | "probe";

/** What takes an API key, where there are keys. */
export type KeyScope = ApiScope | "any" | "installation";

/** The scope that a key must have. */
export function neededScope(scope: KeyScope): ApiScope | "any" {
  return scope === "installation" ? "admin" : scope;
}

declare module "fastify" {
  interface FastifyContextConfig {
    scope?: RouteScope;
  }
  interface FastifyRequest {
    /** Whose events, orders and webhooks the request is about. */
    accountId: number;
  }
}
