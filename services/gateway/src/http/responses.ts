// Parts of the routes' schemas, for the OpenAPI document: the responses with problems, and headers.
import { Problem, type ProblemCode, problemCatalogue } from "@onsale/contracts/problem";
import { Ref } from "@onsale/contracts/text";
import { Type } from "typebox";

/** Problems that any route may answer. */
const commonProblems = [
  "bad-request",
  "uri-too-long",
  "internal-error",
  "dependency-unavailable",
  "overloaded",
] as const satisfies readonly ProblemCode[];

/** Problems that a route with a JSON body may answer. */
export const bodyProblems = [
  "malformed-json",
  "validation-failed",
  "payload-too-large",
  "unsupported-media-type",
] as const satisfies readonly ProblemCode[];

/** All problem responses of a route: those with these codes, and those that any route may answer. */
export function routeProblems(...codes: readonly ProblemCode[]) {
  return problemResponses(...codes, ...commonProblems);
}

const retryAfter = { "retry-after": header("Seconds until a new attempt makes sense.") };
const headersOfStatus: Readonly<Record<number, object>> = {
  401: { "www-authenticate": header("RFC 6750.") },
  403: { "www-authenticate": header("RFC 6750.") },
  429: {
    ...retryAfter,
    ratelimit: header("How many requests are left (draft-ietf-httpapi-ratelimit-headers)."),
    "ratelimit-policy": header("The limit."),
  },
  503: retryAfter,
};

/** The problem responses with these codes alone, by status. Each code names an example that the document completes. */
export function problemResponses(...codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(codes, (code) => problemCatalogue[code].status);
  const responses = [...byStatus].map(([status, codesOfStatus]) => {
    const examples = Object.fromEntries(codesOfStatus.map((code) => [code, { summary: problemCatalogue[code].title }]));
    const description = codesOfStatus.map((code) => `\`${code}\``).join(", ");
    const headers = headersOfStatus[status] ?? {};
    return [
      status,
      { description, headers, content: { "application/problem+json": { schema: Ref(Problem), examples } } },
    ];
  });
  return Object.fromEntries(responses);
}

/** `Retry-After` of an order. */
export const retryAfterHeader = header("While the order is pending: seconds until the next poll makes sense.");

/**
 * The key of every example. The forms of /docs and Swagger UI send a new key in place of one that begins with
 * `example-`: see reference/browser/fresh-key.js.
 */
export const exampleKey = "example-cart-4711";

export const waitGrantedHeader = header("The `wait` that was granted.");

export const preferHeader = Type.Optional(
  Type.String({
    description:
      "`wait=N` waits up to N seconds for a decision, at most 30 s unless the server is set to another limit.",
    examples: ["wait=5"],
  }),
);

/** A response header. */
export function header(description: string) {
  return { type: "string", description };
}
