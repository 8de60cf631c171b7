// Rules of HTTP messages that Node or Fastify check without a problem document, or not at all: one Host and one
// Authorization (RFC 9112 section 3.2, RFC 9110 section 5.3), no unknown expectations (RFC 9110 section 10.1.1), and
// bodies in UTF-8 (RFC 8259), neither compressed nor in another charset: their bytes would be stored as other text.
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError, problemBody } from "./problem-error.ts";
import { instanceOf, problemMediaType } from "./problems.ts";

/** Node keeps the first of several such fields; a proxy in front may have read the last one. */
const singleFields: ReadonlySet<string> = new Set(["authorization", "content-type", "host"]);

/** Refuses messages that break the rules, each with a problem. Must be called before hooks that read these fields. */
export function registerMessageRules(app: FastifyInstance): void {
  app.addHook("onRequest", ({ raw }, _reply, done) => {
    if (raw.headers.host === undefined && raw.httpVersion === "1.1") {
      return done(new ProblemError("bad-request", "An HTTP/1.1 request needs a Host header."));
    }
    const repeated = findRepeatedField(raw);
    if (repeated === undefined) return done();
    done(new ProblemError("bad-request", `A request has at most one ${repeated} header.`));
  });
  app.server.on("checkExpectation", (request, response) => {
    const code = "expectation-failed";
    const problem = problemBody(code, "The only expectation is 100-continue.", instanceOf(request.url ?? ""), "");
    const body = JSON.stringify(problem);
    // The client may send its body or not, so what follows on this connection cannot be read.
    response.writeHead(problem.status, {
      "content-type": problemMediaType,
      "content-length": Buffer.byteLength(body),
      connection: "close",
    });
    response.end(body);
  });
}

/** The first of the single fields that comes twice. Reads the raw fields, because `headers` has each only once. */
function findRepeatedField({ rawHeaders }: IncomingMessage): string | undefined {
  let seen = "";
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const { length } = rawHeaders[index] ?? "";
    // Only names of these lengths are worth a copy in lower case.
    if (length !== 4 && length !== 12 && length !== 13) continue;
    const name = rawHeaders[index]?.toLowerCase() ?? "";
    if (!singleFields.has(name)) continue;
    if (seen.includes(`${name};`)) return name;
    seen += `${name};`;
  }
  return undefined;
}

const jsonType = "application/json";

/**
 * Sets the parsers of bodies. Clients may send a content type without a body, as many do with each request; that is no
 * body, where a route takes none.
 */
export function registerBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(jsonType, { parseAs: "buffer" }, (request, bytes, done) => {
    if (bytes.length === 0 && !needsBody(request)) return done(null);
    const refusal = findRefusal(request, bytes);
    if (refusal !== undefined) return done(refusal);
    // Its types allow a promise, which it never returns.
    void parseJson(request, bytes.toString("utf8"), done);
  });
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (request, bytes, done) => {
    if (bytes.length === 0 && !needsBody(request)) return done(null);
    done(new ProblemError("unsupported-media-type"));
  });
}

function needsBody({ is404, routeOptions }: FastifyRequest): boolean {
  return !is404 && routeOptions.schema?.body !== undefined && routeOptions.config.isBodyOptional !== true;
}

/** @returns why the bytes cannot be read as JSON */
function findRefusal({ headers }: FastifyRequest, bytes: Buffer): ProblemError | undefined {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "") {
    return new ProblemError("unsupported-media-type", "Send the body as it is, without a Content-Encoding.");
  }
  const type = headers["content-type"];
  if (type !== undefined && type !== jsonType && !isInUtf8(type)) {
    return new ProblemError("unsupported-media-type", "Send the body in UTF-8, the only charset of JSON.");
  }
  return isUtf8(bytes) ? undefined : new ProblemError("malformed-json", "The body is not valid UTF-8.");
}

/** Whether a content type names UTF-8 or no charset. */
function isInUtf8(contentType: string): boolean {
  const charsets = contentType.matchAll(/;\s*charset\s*=\s*"?([^\s;"]*)/gi);
  return [...charsets].every(([, charset = ""]) => /^utf-?8$/i.test(charset));
}
