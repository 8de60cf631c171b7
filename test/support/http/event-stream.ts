// A client of Server-Sent Events, over fetch: it reads what the specification defines and nothing of ours.
import { strict as assert } from "node:assert";
import { atEnd } from "../cleanup.ts";
import { until } from "../until.ts";

/** A message, after its data was read as JSON, and when it was here. */
export type StreamMessage<T> = Readonly<{ id: string; event: string; data: T; receivedAtMs: number }>;

export type StreamClient<T> = Readonly<{
  /** Everything so far. */
  messages: readonly StreamMessage<T>[];
  comments: readonly string[];
  /** The last `retry` that the server told. */
  retryMs: () => number | undefined;
  /** Resolves with the first message, of now or later, that fits. */
  untilMessage: (what: string, fits: (data: T) => boolean, timeoutMs?: number) => Promise<StreamMessage<T>>;
  /** Resolves when the stream ends: "ended" by the server in good order, "cut" by whoever broke the connection. */
  ended: Promise<"ended" | "cut">;
  /** Leaves, as a browser does that is closed. */
  leave: () => void;
}>;

/** Listens to a stream until it ends; it is left as cleanup.ts says. */
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
    const [id = "", event = "message"] = [fields.get("id"), fields.get("event")];
    messages.push({ id, event, data: JSON.parse(data), receivedAtMs: performance.now() });
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

  return {
    messages,
    comments,
    retryMs: () => retryMs,
    untilMessage: (what, fits, timeoutMs) =>
      until(what, () => messages.find(({ data }) => fits(data)), timeoutMs).catch((error) => {
        throw new Error(`${error.message}; there came ${JSON.stringify(messages.slice(-3))}`);
      }),
    ended: readAll(response.body),
    leave: () => controller.abort(),
  };
}
