// One request to the gateway, without retries. Purchases and streams need retries, so their commands use the published
// client. The errors here are the client's, too.
import { type Client, NetworkError, ProblemError } from "@onsale/client";
import { basePath } from "@onsale/contracts/values";
import type { Answer, AnswerName } from "./answers.ts";

/** Where the API is, and the signal that ends every request to it: Ctrl-C. */
export type Api = Client & Readonly<{ stop: AbortSignal }>;

/**
 * Reads from the settings where the API is.
 *
 * @throws ConfigError
 */
export type ApiSource = () => Api;

/** A request. The path is relative to `/api/v1`; `pathOf` escapes its segments. */
export type Call = Readonly<{
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  body?: unknown;
}>;

/** An audit of a large event takes longest. */
const answerMaxMs = 70_000;

/** A path of segments, each of them escaped. */
export function pathOf(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}

/**
 * Makes a request and resolves with its answer.
 *
 * @throws ProblemError; its code is `unexpected-answer` when the answer is not the named one
 * @throws NetworkError, and the reason of `stop`
 */
export async function call<Name extends AnswerName>(api: Api, request: Call, name: Name): Promise<Answer<Name>> {
  const { url, init } = requestOf(api, request);
  const answer = await fetchText(url, init, api.stop);
  const { isAnswer } = await import("./answers.ts");
  const value = parse(answer.text);
  if (answer.ok && isAnswer(name, value)) return value;
  throw await refusalOf(request, answer);
}

/** Reads an event or its stock: with the hidden ticket types, unless the API key must not see them. */
export async function callWithHidden<Name extends AnswerName>(api: Api, path: string, name: Name) {
  const request = { method: "GET", path } as const;
  return call(api, { ...request, query: { hidden: "true" } }, name).catch((error) => {
    if (error instanceof ProblemError && error.code === "insufficient-scope") return call(api, request, name);
    throw error;
  });
}

/** A request as `fetch` takes it. */
export function requestOf(api: Api, { method, path, query = {}, body }: Call) {
  const url = new URL(`${api.baseUrl}${basePath}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  const headers = {
    ...(api.apiKey === undefined ? {} : { authorization: `Bearer ${api.apiKey}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  // A redirect could send the key to another server.
  return { url, init: { method, headers, ...sent, redirect: "manual" as const } };
}

/** The answer's text, and what it is of. */
type TextAnswer = Readonly<{ status: number; ok: boolean; text: string; requestId: string }>;

/** The error for an answer that is not the expected one. */
export async function refusalOf({ method, path }: Call, { status, ok, text, requestId }: TextAnswer) {
  const { isAnswer } = await import("./answers.ts");
  const value = parse(text);
  if (!ok && isAnswer("Problem", value)) return new ProblemError(value);
  return unexpectedAnswer(`${method} ${basePath}${path}`, status, requestId);
}

/** The error for an answer that another server gave, or another version of the API. */
export function unexpectedAnswer(what: string, status: number, requestId = ""): ProblemError {
  return new ProblemError({
    type: "about:blank",
    title: "The answer is not one of this API",
    status,
    detail: `The answer to ${what} is not what the API would send.`,
    instance: "",
    code: "unexpected-answer",
    requestId,
    retryable: false,
  });
}

/** The values of a stream; ends without an error on Ctrl-C. */
export async function* untilStopped<T>(
  stream: AsyncIterable<T>,
  { stop }: Pick<Api, "stop">,
): AsyncGenerator<T, void, void> {
  try {
    yield* stream;
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

/** Reads an answer to its end. */
export async function readText(response: Response): Promise<TextAnswer> {
  const requestId = response.headers.get("x-request-id") ?? "";
  return { status: response.status, ok: response.ok, text: await response.text(), requestId };
}

async function fetchText(url: URL, init: RequestInit, stop: AbortSignal): Promise<TextAnswer> {
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(answerMaxMs)]);
    return await readText(await fetch(url, { ...init, signal }));
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
