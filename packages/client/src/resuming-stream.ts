// A stream of messages over as many connections as it takes. A connection ends in one of three ways: the server closes
// it, it breaks, or it falls silent, since the server sends a comment every 15 s to show that it is there. After each,
// the next connection says with `Last-Event-ID` where to go on, or begins anew. The end is a 204 ("nothing more will
// come"), an error that connecting again does not mend, or the caller.
import { backoffMs, pauseMs } from "./backoff.ts";
import { isRetryable } from "./errors.ts";
import { type Call, type Client, overNetwork, send, unexpectedAnswer } from "./request.ts";
import { parseJson, type Shape } from "./shape.ts";
import { createSseParser, type SseItem } from "./sse-parser.ts";
import { createWatchdog, delay, type Watchdog } from "./timing.ts";

/** What to stream. */
export type StreamOptions<T> = Readonly<{
  /** Below `/api/v1`. */
  path: string;
  /** The messages of this type are wanted; others are passed over. */
  event: string;
  isExpected: Shape<T>;
  /** The id of the last message that is known, or "". Left out for a stream that begins anew with each connection. */
  lastEventId?: string | undefined;
  signal?: AbortSignal | undefined;
  /** How long a connection may be silent, in milliseconds. */
  silenceMs?: number;
}>;

const silenceMsDefault = 45_000;
const reconnectMsDefault = 1_000;
/** A server that asks for more is asked again all the same. */
const pauseMsMax = 60_000;

/**
 * Yields the wanted messages of a stream, connecting again as often as needed.
 *
 * @throws ProblemError that connecting again does not mend, and the signal's reason
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
        failureCount = 0;
        if (item.kind === "retry") reconnectMs = item.ms;
        else {
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
  throw unexpectedAnswer(call.path, response, `${call.method} ${call.path} was answered with no event stream`);
}

/** Silence counts only while something is awaited, not while the caller handles what has come. */
async function* readItems({ body }: Response, call: Call, watchdog: Watchdog): AsyncGenerator<SseItem, void, void> {
  if (body === null) return;
  const parser = createSseParser();
  const reader = body.getReader();
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
  throw unexpectedAnswer(call.path, response, `The stream ${call.path} has a message that is something else`);
}
