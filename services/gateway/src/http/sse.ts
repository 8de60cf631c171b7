// Streams of Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A client that does
// not read is disconnected at 256 KiB of unread messages, before it fills the memory; it can connect again and gets the
// last state.
import type { FastifyReply, FastifyRequest } from "fastify";

/** One message; `data` is one line of JSON. */
export type Message = Readonly<{ id: number; event: string; data: string }>;

export type EventStream = Readonly<{
  send: (message: Message) => void;
  /** Aborted when the server or the client has ended the stream. */
  ended: AbortSignal;
  /** Calls `action` when the stream ends; at once, when it has ended already. */
  onEnd: (action: () => void) => void;
  end: () => void;
}>;

/** Random, so that the clients of a gateway that stopped do not all come back in the same moment. */
const reconnectMs = { min: 500, max: 1_500 };
const refusedReconnectMs = { min: 1_000, max: 5_000 };
const keepaliveMs = 15_000;
const unreadBytesMax = 256 * 1024;
/** How long a client may take to read the rest after the stream's end. */
const endMaxMs = 5_000;

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  // Keeps proxies from buffering messages.
  "x-accel-buffering": "no",
} as const;

/** The time after which the client connects again when the stream has ended. */
function retryField({ min, max }: Readonly<{ min: number; max: number }>): string {
  return `retry: ${min + Math.floor(Math.random() * (max - min + 1))}\n\n`;
}

/**
 * Answers with a stream that ends at once. An EventSource connects again only after an answer with status 200; after
 * any other, such as 503, it stops for good.
 */
export function sendEndedStream(reply: FastifyReply): FastifyReply {
  return reply.code(200).headers(streamHeaders).send(retryField(refusedReconnectMs));
}

/** Answers a request with a stream. The caller must not use the reply afterwards. */
export function openEventStream(request: FastifyRequest, reply: FastifyReply): EventStream {
  reply.hijack();
  const { raw } = reply;
  // Headers that were set before, such as those of a rate limit: Fastify does not send them for a hijacked reply.
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { ...streamHeaders, "x-request-id": request.id });
  const ended = new AbortController();
  const write = (text: string) => {
    if (ended.signal.aborted) return;
    raw.write(text);
    if (raw.writableLength > unreadBytesMax) raw.destroy();
  };
  // Writing to a vanished client closes its connection in the end, and shows proxies that the stream is alive.
  const keepalive = setInterval(() => write(": still here\n\n"), keepaliveMs);
  const finish = () => {
    clearInterval(keepalive);
    ended.abort();
  };
  // The client may have left before the stream was opened.
  if (raw.closed) finish();
  else raw.once("close", finish);
  write(retryField(reconnectMs));
  return {
    send: ({ id, event, data }) => write(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`),
    ended: ended.signal,
    onEnd: (action) => {
      if (ended.signal.aborted) action();
      else ended.signal.addEventListener("abort", action, { once: true });
    },
    end: () => {
      finish();
      raw.end();
      // A client that does not read must not keep the server from closing.
      const destroy = setTimeout(() => raw.destroy(), endMaxMs);
      raw.once("close", () => clearTimeout(destroy));
    },
  };
}

/** The id of the last message that the client received, or 0. */
export function lastEventId(request: FastifyRequest): number {
  const { "last-event-id": text } = request.headers;
  return typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
