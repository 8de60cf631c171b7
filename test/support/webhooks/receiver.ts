import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Order } from "@onsale/contracts/order";
import { findFreePort } from "@onsale/standalone/free-port";
import { Webhook } from "standardwebhooks";
import { atEnd } from "../cleanup.ts";

/** A POST that the receiver got. */
export type Received = Readonly<{
  /** The `webhook-id`. */
  id: string;
  headers: Readonly<Record<string, string>>;
  text: string;
  type: string;
  order: Order | undefined;
}>;

/** Answers a POST, at once or later; `number` counts the POSTs from 1. */
export type Respond = (response: ServerResponse, received: Received, number: number) => void;

/** A webhook receiver for one test. */
export type Receiver = Readonly<{
  url: string;
  received: Received[];
  /** The highest number of unanswered POSTs at a time. */
  inFlightMax: () => number;
  respondWith: (respond: Respond) => void;
  stop: () => Promise<void>;
  start: () => Promise<void>;
}>;

export const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}): Respond =>
  (response) => {
    response.writeHead(status, headers).end("an answer");
  };

/** Starts a receiver on a free port, which it keeps when it restarts; it is ended as cleanup.ts says. */
export async function startReceiver(): Promise<Receiver> {
  const port = await findFreePort();
  const received: Received[] = [];
  let respond: Respond = answer(204);
  let inFlight = 0;
  let inFlightMax = 0;
  let server: Server | undefined;

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    inFlight++;
    inFlightMax = Math.max(inFlightMax, inFlight);
    response.once("close", () => inFlight--);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString("utf8");
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const { type, data } = JSON.parse(text);
    received.push({ id: headers["webhook-id"] ?? "", headers, text, type, order: data.order });
    respond(response, received.at(-1) ?? assert.fail(), received.length);
  }

  const start = async () => {
    server = createServer((request, response) => void receive(request, response).catch(() => response.destroy()));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const stop = async () => {
    const running = server;
    server = undefined;
    if (running === undefined) return;
    running.close();
    running.closeAllConnections();
    await once(running, "close");
  };
  atEnd(stop);
  await start();
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    inFlightMax: () => inFlightMax,
    respondWith: (next) => {
      respond = next;
    },
    stop,
    start,
  };
}

/** Fails unless the reference implementation of Standard Webhooks accepts the POST with this secret. */
export function assertVerified({ text, headers }: Received, secret: string): void {
  new Webhook(secret).verify(text, { ...headers });
  assert(Buffer.byteLength(text) < 20_000);
}

/** The delivery ids by order id; fails when a decision has two delivery ids, or two decisions share one. */
export function idsByOrder(received: readonly Received[]): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { id, order } of received) {
    assert(order !== undefined);
    assert.equal(ids.get(order.id) ?? id, id, "a decision has two delivery ids");
    ids.set(order.id, id);
  }
  assert.equal(new Set(ids.values()).size, ids.size, "two decisions share a delivery id");
  return ids;
}
