// One request to the gateway. What has to be tried again or goes on for a while, purchases and streams, is done by the
// published client; everything else is asked once here, with the same errors.
import { type Client, NetworkError, ProblemError } from "@onsale/client";
import { basePath } from "@onsale/contracts/api";
import { Problem } from "@onsale/contracts/problem";
import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";

/** Where the API is, and what ends every request to it. */
export type Api = Client & Readonly<{ stop: AbortSignal }>;

/** A request; its path stands below `/api/v1`, and its parts are escaped by `pathOf`. */
export type Call = Readonly<{
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  body?: unknown;
}>;

/** What the server may take at most; an audit of a large event takes longest. */
const answerMaxMs = 70_000;

/** The answer to a DELETE. */
export const Nothing = Type.Undefined();

/** A path from its segments, whatever is in them. */
export function pathOf(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}

/**
 * Makes a request and resolves with its answer.
 *
 * @throws ProblemError, also with the code `unexpected-answer` for what is not in the schema; NetworkError; the reason
 *   of `stop`
 */
export async function call<const S extends TSchema>(api: Api, request: Call, schema: S): Promise<Static<S>> {
  const { method, path, query = {}, body } = request;
  const url = new URL(`${api.baseUrl}${basePath}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  const headers = {
    ...(api.apiKey === undefined ? {} : { authorization: `Bearer ${api.apiKey}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  // A redirect would take the key to wherever it leads.
  const init = { method, headers, ...sent, redirect: "manual" as const };
  const { status, ok, text, requestId } = await fetchText(url, init, api.stop);
  const value = parse(text);
  if (ok && Value.Check(schema, value)) return value;
  if (!ok && Value.Check(Problem, value)) throw new ProblemError(value);
  throw unexpectedAnswer(`${method} ${url.pathname}`, status, requestId);
}

/** An error for an answer that did not come from the API, or not from this version of it. */
export function unexpectedAnswer(what: string, status: number, requestId = ""): ProblemError {
  return new ProblemError({
    type: "about:blank",
    title: "The answer is not one of this API",
    status,
    detail: `${what} was answered with something else.`,
    instance: "",
    code: "unexpected-answer",
    requestId,
    retryable: false,
  });
}

async function fetchText(url: URL, init: RequestInit, stop: AbortSignal) {
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(answerMaxMs)]);
    const response = await fetch(url, { ...init, signal });
    const requestId = response.headers.get("x-request-id") ?? "";
    return { status: response.status, ok: response.ok, text: await response.text(), requestId };
  } catch (cause) {
    stop.throwIfAborted();
    throw new NetworkError(`${init.method} ${url.pathname} failed on the way`, { cause });
  }
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
