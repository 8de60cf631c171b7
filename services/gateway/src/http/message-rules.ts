// Rules of HTTP that Node checks without a problem document, or not at all: one Host and one Authorization (RFC 9112
// section 3.2, RFC 9110 section 5.3), and no unknown expectations (RFC 9110 section 10.1.1).
import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
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
