// Who is it? The header of RFC 6750 has the key; its account becomes the request's. A key that was looked up lately
// costs no more than finding it in a map.
import { type ApiScope, hasScope } from "@onsale/security/api-scope";
import { returnToken, takeToken } from "@onsale/security/token-bucket";
import type { FastifyReply, FastifyRequest } from "fastify";
import { bearerToken } from "../http/headers.ts";
import { ProblemError } from "../http/problem-error.ts";
import { type ApiKeys, defaultAccountId, isUsable, type KnownKey } from "./api-keys.ts";
import { createAddressBuckets, describeRate, ratePolicy, tooMany } from "./rate-limits.ts";
import { type KeyScope, neededScope } from "./route-scope.ts";

/** Answers with what is wrong, or undefined when the request may go on; at once for a key that is known. */
export type Authenticator = (
  request: FastifyRequest,
  reply: FastifyReply,
  scope: KeyScope,
) => ProblemError | undefined | Promise<ProblemError | undefined>;

/**
 * Attempts without a valid key, from one address: enough for every mistake, too few for guessing or a full log. A key that
 * is revoked or expired is none, so a client that was left behind with one does not fill the log either.
 */
const failures = ratePolicy("failures", 60, 60);

export function createAuthenticator(keys: ApiKeys): Authenticator {
  const failuresOf = createAddressBuckets(failures);

  function admit(key: KnownKey, request: FastifyRequest, reply: FastifyReply, scope: KeyScope) {
    const { bucket } = key;
    const { policy } = keys;
    if (bucket !== undefined && policy !== undefined) {
      const isInTime = takeToken(bucket, policy.limit, performance.now());
      if (!isInTime) return tooMany(reply, policy, bucket, "requests with this API key");
      describeRate(reply, policy, bucket);
    }
    const needed = neededScope(scope);
    if (needed !== "any" && !hasScope(key.scopes, needed)) return insufficientScope(reply, needed);
    if (scope === "installation" && key.accountId !== defaultAccountId) return foreignAccount(reply);
    request.accountId = key.accountId;
    return undefined;
  }

  async function identify(
    token: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
    scope: KeyScope,
  ): Promise<ProblemError | undefined> {
    const nowMs = performance.now();
    const bucket = failuresOf(request.ip, nowMs);
    const mayFail = takeToken(bucket, failures.limit, nowMs);
    // A client with a key does not suffer from another one behind the same address.
    const isMet = token !== undefined && keys.isMet(token);
    const refuse = () => tooMany(reply, failures, bucket, "requests without a valid API key");
    if (!mayFail && !isMet) return refuse();
    let isFailure = false;
    try {
      const key = token === undefined ? undefined : (keys.known(token) ?? (await keys.find(token)));
      if (key !== undefined && isUsable(key)) return admit(key, request, reply, scope);
      isFailure = true;
      // It went on because it was being looked up.
      if (!mayFail) return refuse();
      describeRate(reply, failures, bucket);
      return unauthorized(reply, token, key);
    } finally {
      if (mayFail && !isFailure) returnToken(bucket);
    }
  }

  return (request, reply, scope) => {
    const token = bearerToken(request.headers.authorization);
    const key = token === undefined ? undefined : keys.known(token);
    return key !== undefined && isUsable(key)
      ? admit(key, request, reply, scope)
      : identify(token, request, reply, scope);
  };
}

const realm = 'Bearer realm="onsale"';

function unauthorized(reply: FastifyReply, token: string | undefined, key: KnownKey | undefined): ProblemError {
  if (token === undefined) {
    reply.header("www-authenticate", realm);
    return new ProblemError("unauthorized", "Send an API key: Authorization: Bearer onsale_...");
  }
  const detail = describeRefusal(key);
  reply.header("www-authenticate", `${realm}, error="invalid_token", error_description="${detail}"`);
  return new ProblemError("unauthorized", detail);
}

function describeRefusal(key: KnownKey | undefined): string {
  if (key === undefined) return "This is no API key of this installation, or a part of it is missing.";
  if (key.isRevoked) return "This API key is revoked.";
  return `This API key expired at ${new Date(key.expiresAtMs).toISOString()}.`;
}

function insufficientScope(reply: FastifyReply, scope: ApiScope): ProblemError {
  reply.header("www-authenticate", `${realm}, error="insufficient_scope", scope="${scope}"`);
  return new ProblemError("insufficient-scope", `This takes an API key with the scope ${scope}.`);
}

/** RFC 6750 lets a challenge name the scope that is missing; here none is. */
function foreignAccount(reply: FastifyReply): ProblemError {
  const detail = "This is about all accounts, so it takes an API key of the account default.";
  reply.header("www-authenticate", `${realm}, error="insufficient_scope", error_description="${detail}"`);
  return new ProblemError("insufficient-scope", detail);
}
