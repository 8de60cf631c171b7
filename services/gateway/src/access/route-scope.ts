import type { ApiScope } from "@onsale/security/api-scope";

/**
 * Who may call a route:
 *
 * - a scope: an API key with this scope;
 * - `any`: any API key;
 * - `installation`: an API key of the default account with the scope `admin`, because the answer covers all accounts;
 * - `public`: everybody, within the rate limit of their address;
 * - `probe`: everybody, without a limit, because a load balancer must always learn whether the gateway works.
 */
export type RouteScope = KeyScope | "public" | "probe";

/** Scopes of routes that take an API key, unless AUTH is off. */
export type KeyScope = ApiScope | "any" | "installation";

/** The scope that a key must have. */
export function neededScope(scope: KeyScope): ApiScope | "any" {
  return scope === "installation" ? "admin" : scope;
}

declare module "fastify" {
  interface FastifyContextConfig {
    scope?: RouteScope;
    /** A request without a body is as one with an empty object. */
    isBodyOptional?: boolean;
  }
  interface FastifyRequest {
    /** The account whose events, orders and webhooks the request may use. */
    accountId: number;
    /** Who sent the request, for the histories of orders: `api`, or the id of the API key. */
    actor: string;
    /** The scopes of its API key; null with AUTH off, when everybody may do everything. */
    scopes: ReadonlySet<string> | null;
  }
}
