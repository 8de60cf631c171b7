// The rules of HTTP messages of packages/service, with problems as answers, and the parsers of bodies.
import {
  findBodyFault,
  findHeadFault,
  readText,
  refuseExpectations,
  unknownExpectation,
} from "@onsale/service/message-rules";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError, problemBody } from "./problem-error.ts";
import { instanceOf, problemMediaType } from "./problems.ts";

/** Refuses messages that break the rules, each with a problem. Must be called before hooks that read these fields. */
export function registerMessageRules(app: FastifyInstance): void {
  app.addHook("onRequest", ({ raw }, _reply, done) => {
    const fault = findHeadFault(raw);
    if (fault === undefined) return done();
    done(new ProblemError("bad-request", fault));
  });
  refuseExpectations(app.server, ({ url = "" }) => ({
    type: problemMediaType,
    body: JSON.stringify(problemBody("expectation-failed", unknownExpectation, instanceOf(url), "")),
  }));
}

/**
 * Sets the parsers of bodies. Clients may send a content type without a body, as many do with each request; that is no
 * body, where a route takes none.
 */
export function registerBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, bytes, done) => {
    if (bytes.length === 0 && !needsBody(request)) return done(null);
    const fault = findBodyFault(request.headers);
    if (fault !== undefined) return done(new ProblemError("unsupported-media-type", fault));
    const text = readText(bytes);
    if (text === undefined) return done(new ProblemError("malformed-json", "The body is not valid UTF-8."));
    // Its types allow a promise, which it never returns.
    void parseJson(request, text, done);
  });
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (request, bytes, done) => {
    if (bytes.length === 0 && !needsBody(request)) return done(null);
    done(new ProblemError("unsupported-media-type"));
  });
}

function needsBody({ is404, routeOptions }: FastifyRequest): boolean {
  return !is404 && routeOptions.schema?.body !== undefined && routeOptions.config.isBodyOptional !== true;
}
