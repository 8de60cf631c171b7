// One HTTP request to the API, without retries. Every failure becomes a NetworkError or a ProblemError.

import { isProblem } from "../wire/problem.ts";
import { parseJson, type Shape } from "../wire/shape.ts";
import { readRetryAfter } from "./backoff.ts";
import { urlOf } from "./base-url.ts";
import type { Call, Client } from "./client.ts";
import { NetworkError, ProblemError } from "./errors.ts";

const transientStatuses: readonly number[] = [408, 429, 500, 502, 503, 504];

/**
 * Makes a request and resolves with a successful answer, whose body is not read yet; 304 counts as success.
 *
 * @throws TypeError for a base URL or header that cannot be sent
 * @throws NetworkError, ProblemError, and the signal's reason once it is aborted
 */
export async function send(client: Client, call: Call, signal: AbortSignal | undefined): Promise<Response> {
  const { method, path, body } = call;
  const url = urlOf(client, call);
  // Made here, because fetch throws the same TypeError for a bad header as for a broken connection.
  const headers = new Headers(call.headers);
  if (client.apiKey !== undefined) headers.set("authorization", `Bearer ${client.apiKey}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  const init = {
    method,
    headers,
    signal: signal ?? null,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  // In a variable, because a browser's fetch cannot be called as a method of another object.
  const doFetch = client.fetch ?? globalThis.fetch;
  const response = await overNetwork(call, signal, () => doFetch(url, init));
  if (response.ok || response.status === 304) return response;
  const text = await overNetwork(call, signal, () => response.text());
  const retryAfterMs = readRetryAfter(response.headers, Date.now());
  const problem = parseJson(text);
  if (isProblem(problem)) throw new ProblemError(problem, retryAfterMs);
  throw unexpectedAnswer(path, response, `${method} ${path} was answered without problem details`, retryAfterMs);
}

/**
 * Makes a request whose answer has no content.
 *
 * @throws as `send` does
 */
export async function sendForNothing(client: Client, call: Call, signal: AbortSignal | undefined): Promise<void> {
  const response = await send(client, call, signal);
  // Read to its end, so that the connection can be used again.
  await overNetwork(call, signal, () => response.arrayBuffer());
}

/** A successful answer with its JSON. */
export type JsonAnswer<T> = Readonly<{
  value: T;
  status: number;
  /** How many milliseconds the server asks to wait before the next request; null when it does not ask. */
  retryAfterMs: number | null;
}>;

/**
 * Makes a request and resolves with the answer's JSON.
 *
 * @throws as `sendForAnswer` does
 */
export async function sendForJson<T>(
  client: Client,
  call: Call,
  isExpected: Shape<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return (await sendForAnswer(client, call, isExpected, signal)).value;
}

/**
 * Makes a request and resolves with the answer and its JSON.
 *
 * @param known the version that the caller has; returned when the answer is 304, not modified
 * @throws as `send` does, and ProblemError with the code `unexpected-answer` when the JSON is not of the expected shape
 */
export async function sendForAnswer<T>(
  client: Client,
  call: Call,
  isExpected: Shape<T>,
  signal: AbortSignal | undefined,
  known?: T,
): Promise<JsonAnswer<T>> {
  const response = await send(client, call, signal);
  const text = await overNetwork(call, signal, () => response.text());
  const { status, headers } = response;
  const value = status === 304 ? known : parseJson(text);
  if (isExpected(value)) return { value, status, retryAfterMs: readRetryAfter(headers, Date.now()) };
  throw unexpectedAnswer(call.path, response, `${call.method} ${call.path} was answered with an unexpected body`);
}

/** The error for an answer that another server gave, or another version of the API. */
export function unexpectedAnswer(
  path: string,
  { status, headers }: Pick<Response, "status" | "headers">,
  detail: string,
  retryAfterMs: number | null = null,
): ProblemError {
  const problem = {
    type: "about:blank",
    title: "The answer is not one of this API",
    status,
    detail: `${detail}.`,
    instance: path,
    code: "unexpected-answer",
    requestId: headers.get("x-request-id") ?? "",
    retryable: transientStatuses.includes(status),
  };
  return new ProblemError(problem, retryAfterMs);
}

/** Runs a part of a request. Turns its errors into NetworkErrors, unless the caller aborted the signal. */
export async function overNetwork<T>(
  { method, path }: Call,
  signal: AbortSignal | undefined,
  part: () => Promise<T>,
): Promise<T> {
  try {
    return await part();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new NetworkError(`${method} ${path} failed on the way`, { cause });
  }
}
