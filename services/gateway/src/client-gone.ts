import type { FastifyReply } from "fastify";

/**
 * Aborted when the client has left; asked for at any time. Fastify's `request.signal` follows the request instead of the
 * answer: it is aborted as soon as a body has been read, or never, when that was before it was first asked for.
 */
export function clientGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.closed) gone.abort();
  else raw.once("close", () => gone.abort());
  return gone.signal;
}
