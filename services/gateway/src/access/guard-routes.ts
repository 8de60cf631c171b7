// Decides who may call which route. Every route names its scope in its `config` (route-scope.ts), or the gateway does
// not start.
//
// With AUTH off, no key is needed and everything belongs to the default account. Requests must then name this machine
// in their Host header: otherwise a web page could send them, from a host name that resolves to this machine (DNS
// rebinding).

import { defaultRateLimitPerAddress } from "@onsale/config/settings";
import type { Db } from "@onsale/database/client";
import type { Metrics } from "@onsale/observability/metrics";
import { isApiScope } from "@onsale/security/api-scope";
import { isLoopbackHost } from "@onsale/security/client-address";
import { takeToken } from "@onsale/security/token-bucket";
import type { FastifyReply, FastifyRequest, FastifySchema, onRequestHookHandler, RouteOptions } from "fastify";
import type { GatewayConfig } from "../config.ts";
import type { App } from "../http/app-type.ts";
import { swaggerUiPath } from "../http/docs-paths.ts";
import { ProblemError } from "../http/problem-error.ts";
import { problemResponses } from "../http/responses.ts";
import { type ApiKeys, createApiKeys, defaultAccountId } from "./api-keys.ts";
import { createAuthenticator } from "./authenticate.ts";
import { createAddressBuckets, type RatePolicy, rateLimited, ratePolicy, setRateHeaders } from "./rate-limits.ts";
import { neededScope, type RouteScope } from "./route-scope.ts";

export type AccessRules = Readonly<{
  /** Undefined with AUTH off. */
  keys: ApiKeys | undefined;
  /** The limit per client address, if there is one. */
  addressPolicy: RatePolicy | undefined;
}>;

/** @param config the gateway's settings; a rate limit of 0 is no limit */
export function createAccessRules(config: GatewayConfig, db: Db): AccessRules {
  const { auth, rateLimitPerKey, rateLimitPerAddress = defaultRateLimitPerAddress(auth) } = config;
  const perSecond = (name: string, quota: number) => (quota > 0 ? ratePolicy(name, quota, 1) : undefined);
  return {
    keys: auth === "keys" ? createApiKeys(db, perSecond("key", rateLimitPerKey)) : undefined,
    addressPolicy: perSecond("address", rateLimitPerAddress),
  };
}

const noAccountId = 0;

/** Guards every route that is registered from now on, and documents that in its schema. */
export function registerAccess(app: App, { keys, addressPolicy }: AccessRules, metrics: Metrics): void {
  app.decorateRequest("accountId", keys === undefined ? defaultAccountId : noAccountId);
  app.decorateRequest("actor", "api");
  app.decorateRequest("scopes", null);
  const rejected = metrics.counter("admission_rejected_total");
  const count = (problem: ProblemError | undefined) => {
    if (problem !== undefined) rejected.inc({ reason: problem.code });
    return problem;
  };
  const limitAddress = addressPolicy === undefined ? undefined : createAddressLimit(addressPolicy);
  const authenticate = keys === undefined ? undefined : createAuthenticator(keys);
  const hasKeyLimit = keys?.policy !== undefined;

  function guardOf(scope: RouteScope): onRequestHookHandler | undefined {
    if (scope === "probe") return undefined;
    if (scope === "public" || authenticate === undefined) {
      if (limitAddress === undefined) return undefined;
      return (request, reply, done) => done(count(limitAddress(request, reply, true)));
    }
    return (request, reply, done) => {
      const answer = limitAddress?.(request, reply, !hasKeyLimit) ?? authenticate(request, reply, scope);
      if (answer instanceof Promise) answer.then((problem) => done(count(problem)), done);
      else done(count(answer));
    };
  }

  app.addHook("onRoute", (route) => {
    const scope = scopeOf(route);
    if (route.schema?.hide !== true) route.schema = { ...route.schema, ...documentAccess(scope, route.schema) };
    const guard = guardOf(scope);
    if (guard !== undefined) route.onRequest = [guard, ...[route.onRequest ?? []].flat()];
  });
  app.addHook("onRequest", (request, reply, done) => {
    if (authenticate === undefined && isForeignHost(request)) {
      return done(new ProblemError("host-refused", "Call it by a name of this machine, such as 127.0.0.1."));
    }
    done(request.is404 ? count(limitAddress?.(request, reply, true)) : undefined);
  });
}

/** @throws Error when the route does not name its scope */
function scopeOf({ method, url, config }: RouteOptions): RouteScope {
  const scope: string | undefined = config?.scope;
  if (scope === "any" || scope === "installation" || scope === "public" || scope === "probe") return scope;
  if (scope !== undefined && isApiScope(scope)) return scope;
  // Swagger UI registers its own pages, without a scope.
  if (scope === undefined && (url === swaggerUiPath || url.startsWith(`${swaggerUiPath}/`))) return "public";
  throw new Error(`${method} ${url} does not name its scope`);
}

function createAddressLimit(policy: RatePolicy) {
  const bucketOf = createAddressBuckets(policy);
  /** @param isShown whether to send the headers of this limit; false when those of the key's limit are sent instead */
  return ({ ip }: FastifyRequest, reply: FastifyReply, isShown: boolean): ProblemError | undefined => {
    const nowMs = performance.now();
    const bucket = bucketOf(ip, nowMs);
    if (!takeToken(bucket, policy.limit, nowMs))
      return rateLimited(reply, policy, bucket, "requests from this address");
    if (isShown) setRateHeaders(reply, policy, bucket);
    return undefined;
  };
}

/** A request without a Host header is let in: it comes from no browser. */
function isForeignHost({ headers: { host } }: FastifyRequest): boolean {
  return host !== undefined && !isLoopbackHost(host);
}

/** The part of a route's schema about who may call it, with the problems of those who may not. */
function documentAccess(scope: RouteScope, { response }: FastifySchema = {}) {
  if (scope === "probe") return { security: [] };
  const limited = problemResponses("rate-limited", "host-refused");
  if (scope === "public") return { security: [], response: { ...Object(response), ...limited } };
  const needed = neededScope(scope);
  const takesAnyKey = needed === "any";
  const refused = takesAnyKey
    ? problemResponses("unauthorized")
    : problemResponses("unauthorized", "insufficient-scope");
  return {
    security: [{ apiKey: takesAnyKey ? [] : [needed] }],
    response: { ...Object(response), ...refused, ...limited },
  };
}
