// Rules of HTTP messages that Node or Fastify do not check, or refuse without saying why. All of our servers have them:
// one Host, Authorization and Content-Type (RFC 9112 section 3.2, RFC 9110 section 5.3), no unknown expectations
// (RFC 9110 section 10.1.1), and bodies in UTF-8, neither compressed nor in another charset: their bytes would be read
// as other text. A server says `requireHostHeader: false`, so that a missing Host is refused here, with a reason.
import { isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";

/** Node keeps the first of several such fields; a proxy in front may have read the last one. */
const singleFields: ReadonlySet<string> = new Set(["authorization", "content-type", "host"]);

/** Why the head of a request is refused with 400, as a sentence; undefined when it is right. */
export function findHeadFault({ headers, httpVersion, rawHeaders }: IncomingMessage): string | undefined {
  if (headers.host === undefined && httpVersion === "1.1") return "An HTTP/1.1 request needs a Host header.";
  const repeated = findRepeatedField(rawHeaders);
  return repeated === undefined ? undefined : `A request has at most one ${repeated} header.`;
}

/** The first of the single fields that comes twice. Reads the raw fields, because `headers` has each only once. */
function findRepeatedField(rawHeaders: readonly string[]): string | undefined {
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

/** Why a body is refused with 415 whatever its bytes are, as a sentence; undefined when it may be read. */
export function findBodyFault(headers: IncomingHttpHeaders): string | undefined {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "") return "Send the body as it is, without a Content-Encoding.";
  const type = headers["content-type"];
  return type === undefined || isInUtf8(type) ? undefined : "Send the body in UTF-8, not in another charset.";
}

/** Whether a content type names UTF-8 or no charset. */
function isInUtf8(contentType: string): boolean {
  if (!contentType.includes(";")) return true;
  const charsets = contentType.matchAll(/;\s*charset\s*=\s*"?([^\s;"]*)/gi);
  return [...charsets].every(([, charset = ""]) => /^utf-?8$/i.test(charset));
}

/** The text of a body; undefined when its bytes are not UTF-8, which is refused with 400. */
export function readText(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

type Refusal = Readonly<{ type: string; body: string }>;

/**
 * Refuses requests with an expectation other than 100-continue with 417.
 *
 * @param refuse the answer to such a request
 */
export function refuseExpectations(server: Server, refuse: (request: IncomingMessage) => Refusal): void {
  server.on("checkExpectation", (request, response) => {
    const { type, body } = refuse(request);
    // The client may send its body or not, so what follows on this connection cannot be read.
    response.writeHead(417, {
      "content-type": type,
      "content-length": Buffer.byteLength(body),
      connection: "close",
    });
    response.end(body);
  });
}

export const unknownExpectation = "The only expectation is 100-continue.";
