// Ends streams whose API key was revoked or has expired. The keys of all open streams are checked every 5 s, through
// the same cache as those of requests (api-keys.ts).
import { startLoop } from "@onsale/lifecycle/loop";
import type { FastifyRequest } from "fastify";
import { bearerToken } from "../http/headers.ts";
import type { EventStream } from "../http/sse.ts";
import { type ApiKeys, isUsable } from "./api-keys.ts";

/** An answer that goes on for as long as the client reads it. */
export type FollowedStream = Pick<EventStream, "onEnd" | "end">;

export type StreamKeys = Readonly<{
  /** Ends the stream once the key of its request is no longer usable. */
  follow: (request: FastifyRequest, stream: FollowedStream) => void;
  close: () => Promise<void>;
}>;

const pauseMs = 5_000;

/** @param keys undefined with AUTH off */
export function createStreamKeys(keys: ApiKeys | undefined): StreamKeys {
  const streamsByKey = new Map<string, Set<FollowedStream>>();

  async function isUsableKey(token: string): Promise<boolean> {
    // A key whose lookup fails may be revoked, so its streams end.
    const key = keys?.cached(token) ?? (await keys?.find(token).catch(() => undefined));
    return key !== undefined && isUsable(key);
  }

  async function check(token: string, streams: ReadonlySet<FollowedStream>): Promise<void> {
    if (await isUsableKey(token)) return;
    for (const stream of streams) stream.end();
  }

  const checks = startLoop({
    // Not awaited: one slow lookup must not delay the checks of other keys.
    run: async () => {
      for (const [token, streams] of streamsByKey) void check(token, streams);
    },
    pauseMs,
    onError: () => undefined,
  });

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
    close: checks.close,
  };
}
