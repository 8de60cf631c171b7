// Reads request bodies: JSON in UTF-8 (RFC 8259), neither compressed nor in another charset. Everything else is
// refused, because its bytes would be stored as other text than the client sent.
import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "./problem-error.ts";

const jsonType = "application/json";

/**
 * Sets the parsers of bodies. Clients may send a content type without a body, as many do with each request; that is no
 * body, where a route takes none.
 */
export function registerBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(jsonType, { parseAs: "buffer" }, (request, bytes, done) => {
    if (bytes.length === 0 && !takesBody(request)) return done(null);
    const refusal = findRefusal(request, bytes);
    if (refusal !== undefined) return done(refusal);
    // Its types allow a promise, which it never returns.
    void parseJson(request, bytes.toString("utf8"), done);
  });
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (request, bytes, done) => {
    if (bytes.length === 0 && !takesBody(request)) return done(null);
    done(new ProblemError("unsupported-media-type"));
  });
}

function takesBody({ is404, routeOptions }: FastifyRequest): boolean {
  return !is404 && routeOptions.schema?.body !== undefined;
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
