// A `fetch` with scripted answers, for those that a real gateway gives rarely.
import { strict as assert } from "node:assert";

/** A request that was made. */
export type Asked = Readonly<{
  method: string;
  url: URL;
  headers: Headers;
  body: string | undefined;
  signal: AbortSignal;
}>;

/** One answer of the script. */
export type ScriptedAnswer = (asked: Asked) => Response | Promise<Response>;

/** A `fetch` that gives one answer after the other and then fails the test, and the requests that were made. */
export function scriptFetch(...answers: readonly ScriptedAnswer[]) {
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const { method = "GET", headers, body, signal } = init;
    assert(signal, "every request can be ended");
    const text = typeof body === "string" ? body : undefined;
    const request = { method, url: new URL(String(input)), headers: new Headers(headers), body: text, signal };
    asked.push(request);
    const answer = answers[asked.length - 1];
    assert(answer, `there is no answer number ${asked.length}`);
    return answer(request);
  };
  return { fetch, asked };
}

/** An answer of JSON. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): ScriptedAnswer {
  return () => Response.json(value, { status, headers: { "content-type": "application/json", ...headers } });
}

/** Problem details. */
export function problem(status: number, code: string, retryable: boolean) {
  return {
    type: `urn:onsale:problem:${code}`,
    title: code,
    detail: "A sentence.",
    instance: "/",
    requestId: "7",
    status,
    code,
    retryable,
  };
}

/** Never an answer. */
export const silence: ScriptedAnswer = ({ signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** A refused connection, as `fetch` reports it. */
export const refusal: ScriptedAnswer = () => Promise.reject(new TypeError("fetch failed"));

/** An event stream that sends a text and then ends, breaks, or stays silent. */
export function stream(text: string, then: "ends" | "breaks" | "is silent"): ScriptedAnswer {
  return ({ signal }) => {
    const body = new ReadableStream({
      start: (controller) => {
        signal.addEventListener("abort", () => controller.error(signal.reason));
        controller.enqueue(new TextEncoder().encode(text));
        if (then === "ends") controller.close();
      },
      pull: (controller) => {
        if (then === "breaks") controller.error(new TypeError("terminated"));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  };
}
