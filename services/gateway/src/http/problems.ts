// Answers every error of the server as RFC 9457 problem details. Nothing internal reaches a client.
import { type Problem, type ProblemCode, problemCatalogue } from "@onsale/contracts/problem";
import { classify, errorCode } from "@onsale/database/errors";
import { createThrottle } from "@onsale/lifecycle/throttle";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ProblemError, problemBody } from "./problem-error.ts";
import { sendEndedStream } from "./sse.ts";
import { describeFault, validationProblem } from "./validation.ts";

type LogLine = Readonly<{ kind: string; write: () => void }>;

/**
 * While something is broken, every request fails in the same way, and a full disk must not be filled further. Of what
 * clients do wrong, a sale brings thousands a second, and metrics count them.
 */
const logSeldom = createThrottle(({ write }: LogLine) => write(), { kindOf: ({ kind }) => kind });
export const problemMediaType = "application/problem+json; charset=utf-8";
const faultCountMax = 20;
const instanceLengthMax = 512;

const codeOfFastifyError: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: "malformed-json",
  FST_ERR_CTP_EMPTY_JSON_BODY: "malformed-json",
  FST_ERR_CTP_BODY_TOO_LARGE: "payload-too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported-media-type",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "bad-request",
  FST_ERR_BAD_URL: "bad-request",
  FST_ERR_MAX_PARAM_LENGTH: "uri-too-long",
};

const codeOfNodeError: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: "headers-too-large",
  ERR_HTTP_REQUEST_TIMEOUT: "request-timeout",
};

export function registerProblems(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => sendProblem(toProblemError(error), request, reply));
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(app, request.url);
    if (allowed.length === 0) {
      return sendProblem(new ProblemError("route-not-found", "There is no route at this path."), request, reply);
    }
    reply.header("allow", allowed.join(", "));
    const detail = `This path supports ${allowed.join(", ")}.`;
    return sendProblem(new ProblemError("method-not-allowed", detail), request, reply);
  });
}

/** The error handler of streams: a failure that will pass is a stream that ends at once, and the client comes back. */
export function handleStreamError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblemError(error);
  if (problemCatalogue[problem.code].status < 500) return sendProblem(problem, request, reply);
  logProblem(problem, request);
  return sendEndedStream(reply);
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

function allowedMethods(app: FastifyInstance, url: string): string[] {
  const path = url.split(/[?#]/, 1)[0] ?? "";
  return methods.filter((method) => {
    const segments = path.split("/");
    return routesOf(app, method).some(
      (route) =>
        route.length === segments.length &&
        route.every((part, index) => part === segments[index] || (part.startsWith(":") && segments[index] !== "")),
    );
  });
}

/** By method, the segments of each route's path. */
const routes = new WeakMap<FastifyInstance, Map<string, string[][]>>();

/** Collects every route as it is registered, for the `Allow` header; must be called before the first route. */
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
    const faults = error.validation.slice(0, faultCountMax);
    return validationProblem(faults.map((fault) => describeFault(fault, error.validationContext)));
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
  logProblem(error, request);
  const { code, message, faults, retryable, extra, retryAfterSeconds } = error;
  const { status } = problemCatalogue[code];
  const body = { ...problemBody(code, message, instanceOf(request.url), request.id), retryable, ...extra };
  const problem: Problem = faults === undefined ? body : { ...body, errors: [...faults] };
  if (status === 503 || code === "order-undecided") reply.header("retry-after", String(retryAfterSeconds));
  return reply.code(status).type(problemMediaType).serializer(JSON.stringify).send(problem);
}

/** A problem's `instance`: the path of the request, cut so that a problem stays small. */
export function instanceOf(url: string): string {
  return url.split("?", 1)[0]?.slice(0, instanceLengthMax) ?? "";
}

function logProblem(error: ProblemError, { log, routeOptions }: FastifyRequest): void {
  const { code, message, cause: err } = error;
  const { status, title } = problemCatalogue[code];
  const text = `${title} (at most one such line in 5 s)`;
  // Without a cause nothing failed: a limit of this gateway was reached, as any sale does with its wait slots, or a
  // setting is missing.
  if (status >= 500 && err !== undefined) {
    const write = () => log.error({ err, code, route: routeOptions.url }, text);
    logSeldom({ kind: `${code} ${errorCode(err)}`, write });
  } else {
    logSeldom({ kind: code, write: () => log.info({ code, detail: message, route: routeOptions.url }, text) });
  }
}

/** The problem of what Node could not read as a request, as a whole HTTP/1.1 response. */
export function rawProblem(nodeErrorCode: string | undefined): string {
  const code = codeOfNodeError[nodeErrorCode ?? ""] ?? "bad-request";
  const { status, title } = problemCatalogue[code];
  const body = JSON.stringify(problemBody(code, `${title}.`, "", ""));
  return [
    `HTTP/1.1 ${status} ${title}`,
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    "",
    body,
  ].join("\r\n");
}
