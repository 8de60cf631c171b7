import { Problem, type ProblemCode, problemCatalogue, problemType } from "@onsale/contracts/problem";
import { Ref } from "@onsale/contracts/text";
import { Type } from "typebox";
import { waitSecondsMax } from "./headers.ts";

/** What any route may answer. */
const always = [
  "bad-request",
  "uri-too-long",
  "internal-error",
  "dependency-unavailable",
] as const satisfies readonly ProblemCode[];

/** What a route with a JSON body may answer. */
export const bodyProblems = [
  "malformed-json",
  "validation-failed",
  "payload-too-large",
  "unsupported-media-type",
] as const satisfies readonly ProblemCode[];

/** The documentation of a route's problems, by status, with an example of each code. */
export function problems(...codes: readonly ProblemCode[]) {
  return problemResponses(...codes, ...always);
}

const retryAfter = { "retry-after": header("Seconds until it is worth trying.") };
const headersOfStatus: Readonly<Record<number, object>> = {
  401: { "www-authenticate": header("RFC 6750.") },
  403: { "www-authenticate": header("RFC 6750.") },
  429: {
    ...retryAfter,
    ratelimit: header("What the limit leaves (draft-ietf-httpapi-ratelimit-headers)."),
    "ratelimit-policy": header("The limit."),
  },
  503: retryAfter,
};

/** The documentation of some problems, and of these alone. */
export function problemResponses(...codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(codes, (code) => problemCatalogue[code].status);
  const responses = [...byStatus].map(([status, codesOfStatus]) => {
    const examples = Object.fromEntries(codesOfStatus.map((code) => [code, { value: exampleOf(code) }]));
    const description = codesOfStatus.map((code) => `\`${code}\``).join(", ");
    const headers = headersOfStatus[status] ?? {};
    return [
      status,
      { description, headers, content: { "application/problem+json": { schema: Ref(Problem), examples } } },
    ];
  });
  return Object.fromEntries(responses);
}

function exampleOf(code: ProblemCode): Problem {
  const { status, title, retryable } = problemCatalogue[code];
  const requestId = "0c9a2f6e-7d1b-4f7e-8a53-1f0f5f3b9d42";
  return {
    type: problemType(code),
    title,
    status,
    detail: `${title}.`,
    instance: "/api/v1/...",
    code,
    requestId,
    retryable,
  };
}

/** The documentation of `Retry-After` on an order. */
export const retryAfterHeader = {
  type: "string",
  description: "While the order is undecided: seconds until it is worth asking.",
};

/** The documentation of `Preference-Applied`. */
export const waitGrantedHeader = { type: "string", description: "The `wait` that was granted." };

/** The documentation of `Prefer`. */
export const preferHeader = Type.Optional(
  Type.String({
    description: `\`wait=N\` holds the answer for a decision, at most ${waitSecondsMax} s.`,
    examples: ["wait=5"],
  }),
);

/** The documentation of one response header. */
export function header(description: string) {
  return { type: "string", description };
}
