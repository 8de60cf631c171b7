// A stream goes on for as long as its client likes, but not for longer than its API key may be used: every few seconds the
// keys of all streams are looked at, as those of requests are.
import type { FastifyRequest } from "fastify";
import { type ApiKeys, isUsable } from "./api-keys.ts";
import { bearerToken } from "./bearer-token.ts";
import type { EventStream } from "./sse.ts";

export type StreamKeys = Readonly<{
  /** Ends the stream when the key of its request may not be used any more. */
  follow: (request: FastifyRequest, stream: EventStream) => void;
  close: () => void;
}>;

const lookIntervalMs = 5_000;

/** @param keys undefined where nobody needs one */
export function createStreamKeys(keys: ApiKeys | undefined): StreamKeys {
  const streamsByKey = new Map<string, Set<EventStream>>();

  async function mayGoOn(token: string): Promise<boolean> {
    // A key that cannot be looked up may be revoked.
    const key = keys?.known(token) ?? (await keys?.find(token).catch(() => undefined));
    return key !== undefined && isUsable(key);
  }

  async function look(token: string, streams: ReadonlySet<EventStream>): Promise<void> {
    if (await mayGoOn(token)) return;
    for (const stream of streams) stream.end();
  }

  const timer = setInterval(() => {
    for (const [token, streams] of streamsByKey) void look(token, streams);
  }, lookIntervalMs);
  timer.unref();

  return {
    follow: ({ headers: { authorization } }, stream) => {
      const token = bearerToken(authorization);
      if (keys === undefined || token === undefined) return;
      const streams = streamsByKey.get(token) ?? new Set();
      streamsByKey.set(token, streams.add(stream));
      stream.onEnd(() => {
        streams.delete(stream);
        if (streams.size === 0 && streamsByKey.get(token) === streams) streamsByKey.delete(token);
      });
    },
    close: () => clearInterval(timer),
  };
}
