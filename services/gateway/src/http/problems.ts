import { type Problem, type ProblemCode, problemCatalogue, problemType } from "@onsale/contracts/problem";
import { classify } from "@onsale/database/errors";
import { createThrottle } from "@onsale/lifecycle/throttle";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "./problem-error.ts";
import { describeFault } from "./validation.ts";

const logUnavailable = createThrottle((log: () => void) => log());
const problemMediaType = "application/problem+json; charset=utf-8";
const faultCountMax = 20;

const codeOfFastifyError: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: "malformed-json",
  FST_ERR_CTP_EMPTY_JSON_BODY: "malformed-json",
  FST_ERR_CTP_BODY_TOO_LARGE: "payload-too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported-media-type",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "bad-request",
  FST_ERR_BAD_URL: "bad-request",
  FST_ERR_MAX_PARAM_LENGTH: "uri-too-long",
};

/** Answers every error of the server as RFC 9457 problem details. Nothing internal reaches a client. */
export function registerProblems(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => sendProblem(toProblemError(error), request, reply));
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(app, request.url);
    if (allowed.length === 0) {
      return sendProblem(new ProblemError("route-not-found", "Nothing is served at this path."), request, reply);
    }
    reply.header("allow", allowed.join(", "));
    const detail = `This path supports ${allowed.join(", ")}.`;
    return sendProblem(new ProblemError("method-not-allowed", detail), request, reply);
  });
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

function allowedMethods(app: FastifyInstance, url: string): string[] {
  const path = url.split(/[?#;]/, 1)[0] ?? "";
  return methods.filter((method) => {
    const segments = path.split("/");
    return routesOf(app, method).some(
      (route) =>
        route.length === segments.length &&
        route.every((part, index) => part === segments[index] || (part.startsWith(":") && segments[index] !== "")),
    );
  });
}

const routes = new WeakMap<FastifyInstance, Map<string, string[][]>>();

/** Notes every route as it is registered; must run before the first one. */
export function collectRoutes(app: FastifyInstance): void {
  const byMethod = new Map<string, string[][]>();
  routes.set(app, byMethod);
  app.addHook("onRoute", ({ method, url }) => {
    for (const name of [method].flat()) byMethod.set(name, [...(byMethod.get(name) ?? []), url.split("/")]);
  });
}

function routesOf(app: FastifyInstance, method: string): readonly string[][] {
  return routes.get(app)?.get(method) ?? [];
}

function toProblemError(error: FastifyError): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error.validation !== undefined) {
    const faults = error.validation
      .slice(0, faultCountMax)
      .map((fault) => describeFault(fault, error.validationContext));
    const [first] = faults;
    const detail = first === undefined ? "The request does not match its schema." : `${first.pointer} ${first.detail}.`;
    return new ProblemError("validation-failed", detail.trimStart(), { faults });
  }
  const code = codeOfFastifyError[error.code];
  if (code !== undefined) return new ProblemError(code);
  // The JSON parser refuses keys such as __proto__ with an error of its own.
  if (error instanceof SyntaxError && error.statusCode === 400) return new ProblemError("malformed-json");
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new ProblemError("bad-request", undefined, { cause: error });
  }
  const kind = classify(error);
  const isUnavailable = kind === "unavailable" || kind === "contention";
  return new ProblemError(isUnavailable ? "dependency-unavailable" : "internal-error", undefined, { cause: error });
}

function sendProblem(error: ProblemError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, title, retryable } = problemCatalogue[error.code];
  const { code, message, faults } = error;
  const about = { err: error.cause ?? error, code, route: request.routeOptions.url };
  // While a dependency is gone every request fails alike.
  if (status === 503) logUnavailable(() => request.log.error(about, `${title} (at most one such line in 5 s)`));
  else if (status >= 500) request.log.error(about, title);
  // The losers of a sale, and whoever is too fast, come in thousands a second, and they are counted.
  else if (code === "sold-out" || code === "rate-limited") request.log.debug({ code, detail: message }, title);
  else request.log.info({ code, detail: message, route: request.routeOptions.url }, title);

  const instance = request.url.split("?", 1)[0]?.slice(0, 512) ?? "";
  const problem: Problem = {
    ...{ type: problemType(code), title, status, detail: message, instance, code, requestId: request.id, retryable },
    ...(faults === undefined ? {} : { errors: [...faults] }),
  };
  if (status === 503) reply.header("retry-after", "1");
  return reply.code(status).type(problemMediaType).serializer(JSON.stringify).send(problem);
}

/** The problem for what Node itself could not read as a request, as a whole HTTP/1.1 answer. */
export function rawProblem(nodeErrorCode: string | undefined): string {
  const code: ProblemCode =
    { HPE_HEADER_OVERFLOW: "headers-too-large" as const, ERR_HTTP_REQUEST_TIMEOUT: "request-timeout" as const }[
      nodeErrorCode ?? ""
    ] ?? "bad-request";
  const { status, title, retryable } = problemCatalogue[code];
  const problem: Problem = {
    ...{ type: problemType(code), title, status, detail: `${title}.`, instance: "", code, requestId: "", retryable },
  };
  const body = JSON.stringify(problem);
  const headers = `content-type: ${problemMediaType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  return `HTTP/1.1 ${status} ${title}\r\n${headers}\r\n\r\n${body}`;
}
