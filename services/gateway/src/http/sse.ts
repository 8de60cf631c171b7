// Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A client that does not read is
// cut off before it fills the memory: it connects again and finds the last state.
import type { FastifyReply, FastifyRequest } from "fastify";

/** One message; `data` is a line of JSON. */
export type Message = Readonly<{ id: number; event: string; data: string }>;

/** An answer that goes on. */
export type EventStream = Readonly<{
  send: (message: Message) => void;
  /** Aborted when the stream has ended, whoever ended it. */
  ended: AbortSignal;
  /** Does something when the stream has ended; at once, when it has already. */
  onEnd: (action: () => void) => void;
  end: () => void;
}>;

const reconnectMs = 1_000;
const commentMs = 15_000;
const unreadBytesMax = 256 * 1024;
/** How long a client may take to read what is left when the stream ends. */
const endMaxMs = 5_000;

/** Answers a request with a stream; from then on the reply is the stream's. */
export function openEventStream(request: FastifyRequest, reply: FastifyReply): EventStream {
  reply.hijack();
  const { raw } = reply;
  // What the reply was given before, such as what a rate limit leaves: Fastify will not send it.
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    // Proxies that gather answers would hold messages back.
    "x-accel-buffering": "no",
    "x-request-id": request.id,
  });
  const ended = new AbortController();
  const write = (text: string) => {
    if (ended.signal.aborted) return;
    raw.write(text);
    if (raw.writableLength > unreadBytesMax) raw.destroy();
  };
  // A connection that is gone without a word is found out, and proxies see that the stream is alive.
  const timer = setInterval(() => write(": still here\n\n"), commentMs);
  const finish = () => {
    clearInterval(timer);
    ended.abort();
  };
  // The client may have left before there was anybody to notice.
  if (raw.closed) finish();
  else raw.once("close", finish);
  write(`retry: ${reconnectMs}\n\n`);
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
      const cut = setTimeout(() => raw.destroy(), endMaxMs);
      raw.once("close", () => clearTimeout(cut));
    },
  };
}

/** The id of the last message that a client has seen, or 0. */
export function lastEventId(request: FastifyRequest): number {
  const { "last-event-id": text } = request.headers;
  return typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
