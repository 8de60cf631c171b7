// One stream of messages over several connections, one after the other. A connection ends when the server closes it,
// when it breaks, or when nothing arrives for 45 s: a living server sends a comment every 15 s. The next connection
// continues after the message in its `Last-Event-ID`, or begins anew. The stream ends with a 204 (no more messages will
// come), with an error that a new connection would not change, or when the caller ends it.
import { backoffMs, pauseMs } from "../request/backoff.ts";
import type { Call, Client } from "../request/client.ts";
import { isRetryable } from "../request/errors.ts";
import { readerOf } from "../request/read-body.ts";
import { overNetwork, send, unexpectedAnswer } from "../request/request.ts";
import { createWatchdog, delay, type Watchdog } from "../request/timing.ts";
import { parseJson, type Shape } from "../wire/shape.ts";
import { createSseParser, type SseItem } from "./sse-parser.ts";

/** Which stream to read, and how. */
export type StreamOptions<T> = Readonly<{
  /** Below `/api/v1`. */
  path: string;
  /** The type of the messages to yield; others are ignored. */
  event: string;
  isExpected: Shape<T>;
  /** The id of the last message that the caller has, or "". Undefined when each connection begins anew. */
  lastEventId?: string | undefined;
  signal?: AbortSignal | undefined;
  /** How many milliseconds a connection may be silent. */
  silenceMs?: number;
}>;

const silenceMsDefault = 45_000;
const reconnectMsDefault = 1_000;
/** The longest pause, even when the server asks for a longer one. */
const pauseMsMax = 60_000;

/**
 * Yields the messages of a stream, and connects again as often as needed.
 *
 * @throws ProblemError that a new connection would not change, TypeError for a base URL or a fetch that cannot be used,
 *   and the signal's reason
 */
export async function* resumingStream<T>(client: Client, options: StreamOptions<T>): AsyncGenerator<T, void, void> {
  const { path, event, isExpected, signal, silenceMs = silenceMsDefault } = options;
  let { lastEventId } = options;
  let reconnectMs = reconnectMsDefault;
  for (let failureCount = 0; ; failureCount++) {
    const resume = lastEventId ? { "last-event-id": lastEventId } : {};
    const headers = { accept: "text/event-stream", ...resume };
    const call = { method: "GET", path, headers } as const;
    const watchdog = createWatchdog(silenceMs, signal);
    let restMs = 0;
    try {
      const response = await connect(client, call, watchdog);
      if (response.status === 204) return;
      for await (const item of readItems(response, call, watchdog)) {
        // A server without a wait slot sends `retry` alone, and ends the stream: the pauses must go on growing.
        if (item.kind === "retry") reconnectMs = item.ms;
        else {
          failureCount = 0;
          if (lastEventId !== undefined) lastEventId = item.id;
          if (item.event === event) yield parseData(item.data, isExpected, call, response);
        }
      }
      restMs = backoffMs(failureCount);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isRetryable(error)) throw error;
      restMs = pauseMs(error, failureCount);
    } finally {
      watchdog.stop();
    }
    await delay(Math.min(pauseMsMax, reconnectMs + restMs), signal);
  }
}

async function connect(client: Client, call: Call, watchdog: Watchdog): Promise<Response> {
  watchdog.signal.throwIfAborted();
  watchdog.arm();
  const response = await send(client, call, watchdog.signal);
  watchdog.rest();
  const mediaType = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (response.status === 204 || mediaType === "text/event-stream") return response;
  throw unexpectedAnswer(call.path, response, `${call.method} ${call.path} was answered without an event stream`);
}

/** Reads what arrives. Silence counts only while this waits for bytes, not while the caller handles a message. */
async function* readItems(response: Response, call: Call, watchdog: Watchdog): AsyncGenerator<SseItem, void, void> {
  const parser = createSseParser();
  const reader = readerOf(response, call);
  for (;;) {
    watchdog.arm();
    const { done, value } = await overNetwork(call, watchdog.signal, () => reader.read());
    watchdog.rest();
    if (done) return;
    yield* parser.feed(value);
  }
}

function parseData<T>(data: string, isExpected: Shape<T>, call: Call, response: Response): T {
  const value = parseJson(data);
  if (isExpected(value)) return value;
  throw unexpectedAnswer(call.path, response, `The stream ${call.path} has a message with unexpected data`);
}
