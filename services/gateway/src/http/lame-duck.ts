// How a gateway stops without losing a request: at first it is a "lame duck". It is not ready any more, so load
// balancers choose other gateways, but it still answers all requests, and each answer closes its connection. It stops
// only after that, when no requests come. A connection that it closed earlier could have a request on the wire.
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";

export type LameDuck = Readonly<{
  /** Begins; resolves when the gateway may close its connections. */
  begin: () => Promise<void>;
  hasBegun: () => boolean;
}>;

export function createLameDuck(drainSeconds: number): LameDuck {
  let hasBegun = false;
  return {
    begin: async () => {
      hasBegun = true;
      await delay(drainSeconds * 1_000);
    },
    hasBegun: () => hasBegun,
  };
}

/** Answers with `Connection: close` once the lame duck has begun, also requests that waited since before. */
export function closeAnsweredConnections(app: FastifyInstance, hasBegun: LameDuck["hasBegun"]): void {
  // Streams send the headers that are set before they take over the reply; they never get to `onSend`.
  app.addHook("onRequest", (_request, reply, done) => {
    if (hasBegun()) reply.header("connection", "close");
    done();
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (hasBegun()) reply.header("connection", "close");
    done();
  });
}
