// The browsers that follow the console, each over one stream of Server-Sent Events. A message is serialized once for
// all of them. A client that does not read is disconnected before its buffer fills the memory; it reconnects and
// receives everything.
import type { ServerResponse } from "node:http";
import type { ConsoleState } from "./console-state.ts";
import type { Change } from "./messages/messages.ts";

export type StreamClients = Readonly<{
  /**
   * Sends everything, and from then on every change.
   *
   * @param eventId an event that this client receives even when it is not among the busiest
   * @param isSessionValid called before every message; the stream ends when it returns false
   */
  add: (response: ServerResponse, eventId: number | undefined, isSessionValid: () => boolean) => void;
  /** Sends what has changed, or an empty change after 3 s of silence. */
  sendChanges: () => void;
  count: () => number;
  /** The events that clients asked for by id. */
  eventIds: () => readonly number[];
  close: () => void;
}>;

const reconnectMs = 1_000;
/** Pages give up a stream after 10 s of silence. Scripts cannot see comments, so the keepalive is an empty change. */
const keepaliveMs = 3_000;
const emptyChange: Change = { sections: {}, events: {}, points: [] };
const unreadBytesMax = 1_024 * 1_024;
/** More than the people who run a sale, and few enough for the memory. */
export const streamClientCountMax = 200;

type StreamClient = Readonly<{
  response: ServerResponse;
  eventId: number | undefined;
  isSessionValid: () => boolean;
}>;

export function createStreamClients(state: ConsoleState): StreamClients {
  const clients = new Set<StreamClient>();
  let isClosed = false;
  let sentAtMs = 0;

  function send({ response, isSessionValid }: StreamClient, text: string): void {
    if (!isSessionValid()) response.end();
    else response.write(text);
    if (response.writableLength > unreadBytesMax) response.destroy();
  }

  function sendToAll(change: Change): void {
    sentAtMs = performance.now();
    const text = `data: ${JSON.stringify(change)}\n\n`;
    for (const client of clients) send(client, text);
  }

  function sendChange(): void {
    const change = state.takeChange();
    if (change !== undefined) sendToAll(change);
  }

  return {
    add: (response, eventId, isSessionValid) => {
      if (isClosed || response.closed) {
        response.destroy();
        return;
      }
      const client = { response, eventId, isSessionValid };
      response.once("close", () => clients.delete(client));
      // The new client receives the current state, so the others must receive the changes up to it first.
      sendChange();
      clients.add(client);
      send(client, `retry: ${reconnectMs}\n\ndata: ${JSON.stringify(state.snapshot())}\n\n`);
    },
    sendChanges: () => {
      sendChange();
      if (performance.now() - sentAtMs > keepaliveMs) sendToAll(emptyChange);
    },
    count: () => clients.size,
    eventIds: () => [...clients].flatMap(({ eventId }) => eventId ?? []),
    close: () => {
      isClosed = true;
      for (const { response } of clients) response.end();
    },
  };
}
