// A client of Server-Sent Events, over fetch: it knows the specification's fields, and none of Onsale's messages.
import { strict as assert } from "node:assert";
import { atEnd } from "../cleanup.ts";
import { until } from "../until.ts";

/** A message, with its data parsed as JSON, and the time when it was received. */
export type StreamMessage<T> = Readonly<{ id: string; event: string; data: T; receivedAtMs: number }>;

export type StreamClient<T> = Readonly<{
  /** All messages so far. */
  messages: readonly StreamMessage<T>[];
  comments: readonly string[];
  /** The last `retry` that the server sent. */
  retryMs: () => number | undefined;
  /** Resolves with the first message, received already or later, that matches. */
  untilMessage: (what: string, matches: (data: T) => boolean, timeoutMs?: number) => Promise<StreamMessage<T>>;
  /** Whether a message came before the stream's end: a stream without a wait slot has none. */
  isServed: () => Promise<boolean>;
  /** Resolves when the stream ends: "ended" when the server completed it, "cut" when the connection broke. */
  ended: Promise<"ended" | "cut">;
  /** Closes the connection, as a browser does when its page is closed. */
  leave: () => void;
}>;

/** Reads a stream until it ends; the connection is closed as cleanup.ts says. */
export async function openStream<T>(url: string, headers: Record<string, string> = {}): Promise<StreamClient<T>> {
  const controller = new AbortController();
  atEnd(() => controller.abort());
  const response = await fetch(url, {
    headers: { accept: "text/event-stream", ...headers },
    signal: controller.signal,
  });
  assert.equal(response.status, 200, response.status === 200 ? "" : await response.text());
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream\b/);
  assert(response.body !== null);
  const messages: StreamMessage<T>[] = [];
  const comments: string[] = [];
  let retryMs: number | undefined;
  const firstMessage = Promise.withResolvers<void>();

  function take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon === 0) comments.push(line.slice(1).trim());
      else fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ""));
    }
    const data = fields.get("data");
    if (fields.has("retry")) retryMs = Number(fields.get("retry"));
    if (data === undefined) return;
    const { id = "", event = "message" } = Object.fromEntries(fields);
    messages.push({ id, event, data: JSON.parse(data), receivedAtMs: performance.now() });
    firstMessage.resolve();
  }

  async function readAll(body: ReadableStream<Uint8Array>): Promise<"ended" | "cut"> {
    let unread = "";
    try {
      for await (const text of body.pipeThrough(new TextDecoderStream())) {
        const blocks = (unread + text).split("\n\n");
        unread = blocks.pop() ?? "";
        for (const block of blocks) take(block);
      }
      assert.equal(unread, "", "a message was cut");
      return "ended";
    } catch {
      return "cut";
    }
  }

  const ended = readAll(response.body);
  return {
    messages,
    comments,
    retryMs: () => retryMs,
    untilMessage: (what, matches, timeoutMs) =>
      until(what, () => messages.find(({ data }) => matches(data)), timeoutMs).catch((error) => {
        throw new Error(`${error.message}; the last messages are ${JSON.stringify(messages.slice(-3))}`);
      }),
    isServed: () => Promise.race([firstMessage.promise, ended]).then(() => messages.length > 0),
    ended,
    leave: () => controller.abort(),
  };
}
