// Authenticates requests: the API key in the `Authorization` header (RFC 6750) decides whether the route may be called
// and for which account. A cached key costs no query and no await.
import { type ApiScope, hasScope } from "@onsale/security/api-scope";
import { returnToken, takeToken } from "@onsale/security/token-bucket";
import type { FastifyReply, FastifyRequest } from "fastify";
import { bearerToken } from "../http/headers.ts";
import { ProblemError } from "../http/problem-error.ts";
import { type ApiKey, type ApiKeys, defaultAccountId, isUsable } from "./api-keys.ts";
import { createAddressBuckets, rateLimited, ratePolicy, setRateHeaders } from "./rate-limits.ts";
import { type KeyScope, neededScope } from "./route-scope.ts";

/** @returns the problem, or undefined when the request may go on; without a promise for a cached key */
export type Authenticator = (
  request: FastifyRequest,
  reply: FastifyReply,
  scope: KeyScope,
) => ProblemError | undefined | Promise<ProblemError | undefined>;

/**
 * Limits the attempts of one address without a usable key: enough for every mistake, too few for guessing or for
 * filling the log. A revoked or expired key counts, so a forgotten client does not fill the log either.
 */
const failures = ratePolicy("failures", 60, 60);

export function createAuthenticator(keys: ApiKeys): Authenticator {
  const failuresOf = createAddressBuckets(failures);

  function authorize(key: ApiKey, request: FastifyRequest, reply: FastifyReply, scope: KeyScope) {
    const { bucket } = key;
    const { policy } = keys;
    if (bucket !== undefined && policy !== undefined) {
      const isWithinLimit = takeToken(bucket, policy.limit, performance.now());
      if (!isWithinLimit) return rateLimited(reply, policy, bucket, "requests with this API key");
      setRateHeaders(reply, policy, bucket);
    }
    const needed = neededScope(scope);
    if (needed !== "any" && !hasScope(key.scopes, needed)) return insufficientScope(reply, needed);
    if (scope === "installation" && key.accountId !== defaultAccountId) return foreignAccount(reply);
    request.accountId = key.accountId;
    request.actor = `key ${key.id}`;
    request.scopes = key.scopes;
    return undefined;
  }

  /** For a request without a usable key in the cache: a failure takes one of its address's attempts. */
  async function attempt(
    token: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
    scope: KeyScope,
  ): Promise<ProblemError | undefined> {
    const nowMs = performance.now();
    const bucket = failuresOf(request.ip, nowMs);
    const mayFail = takeToken(bucket, failures.limit, nowMs);
    // Other clients behind the same address must not lock out a client with a usable key.
    const mayBeUsable = token !== undefined && keys.mayBeUsable(token);
    const refuse = () => rateLimited(reply, failures, bucket, "requests without a valid API key");
    if (!mayFail && !mayBeUsable) return refuse();
    let isFailure = false;
    try {
      const key = token === undefined ? undefined : (keys.cached(token) ?? (await keys.find(token)));
      if (key !== undefined && isUsable(key)) return authorize(key, request, reply, scope);
      isFailure = true;
      // The request went on only because its key was being looked up.
      if (!mayFail) return refuse();
      setRateHeaders(reply, failures, bucket);
      return unauthorized(reply, token, key);
    } finally {
      if (mayFail && !isFailure) returnToken(bucket);
    }
  }

  return (request, reply, scope) => {
    const token = bearerToken(request.headers.authorization);
    const key = token === undefined ? undefined : keys.cached(token);
    return key !== undefined && isUsable(key)
      ? authorize(key, request, reply, scope)
      : attempt(token, request, reply, scope);
  };
}

const realm = 'Bearer realm="onsale"';

function unauthorized(reply: FastifyReply, token: string | undefined, key: ApiKey | undefined): ProblemError {
  if (token === undefined) {
    reply.header("www-authenticate", realm);
    return new ProblemError("unauthorized", "Send an API key: Authorization: Bearer onsale_...");
  }
  const detail = describeRefusal(key);
  reply.header("www-authenticate", `${realm}, error="invalid_token", error_description="${detail}"`);
  return new ProblemError("unauthorized", detail);
}

function describeRefusal(key: ApiKey | undefined): string {
  if (key === undefined) return "This installation has no such API key, or a part of the key is missing.";
  if (key.isRevoked) return "This API key is revoked.";
  return `This API key expired at ${new Date(key.expiresAtMs).toISOString()}.`;
}

/**
 * For what a route answers only to some of the keys that may call it.
 *
 * @throws ProblemError `insufficient-scope`
 */
export function requireScope({ scopes }: Pick<FastifyRequest, "scopes">, reply: FastifyReply, scope: ApiScope): void {
  if (scopes !== null && !hasScope(scopes, scope)) throw insufficientScope(reply, scope);
}

function insufficientScope(reply: FastifyReply, scope: ApiScope): ProblemError {
  reply.header("www-authenticate", `${realm}, error="insufficient_scope", scope="${scope}"`);
  return new ProblemError("insufficient-scope", `This takes an API key with the scope ${scope}.`);
}

/** The challenge names no scope (RFC 6750 lets it): the account is wrong, not the scope. */
function foreignAccount(reply: FastifyReply): ProblemError {
  const detail = "This is about all accounts, so it takes an API key of the account default.";
  reply.header("www-authenticate", `${realm}, error="insufficient_scope", error_description="${detail}"`);
  return new ProblemError("insufficient-scope", detail);
}
