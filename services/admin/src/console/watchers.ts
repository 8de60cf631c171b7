// The browsers that watch, each over one stream of Server-Sent Events. All are told the same, written down once. A browser
// that does not read is cut off before it fills the memory; it comes back and is told everything.
import type { ServerResponse } from "node:http";
import type { Display } from "./display.ts";
import type { Change } from "./messages.ts";

export type Watchers = Readonly<{
  /**
   * Answers with everything and then with every change.
   *
   * @param eventId an event that this browser looks at more closely
   * @param mayWatch asked before every message; the stream ends when it says no
   */
  add: (response: ServerResponse, eventId: number | undefined, mayWatch: () => boolean) => void;
  /** Tells what has changed, and every few seconds that nothing has. */
  tell: () => void;
  count: () => number;
  /** The events that are looked at more closely. */
  eventIds: () => readonly number[];
  close: () => void;
}>;

const reconnectMs = 1_000;
/** A browser that hears nothing for several times as long takes its stream for dead. A comment it would not hear. */
const quietMaxMs = 3_000;
const nothingNew: Change = { sections: {}, events: {}, points: [] };
const unreadBytesMax = 1_024 * 1_024;
/** People who look, not machines. */
export const watcherCountMax = 200;

type Watcher = Readonly<{ response: ServerResponse; eventId: number | undefined; mayWatch: () => boolean }>;

export function createWatchers(display: Display): Watchers {
  const watchers = new Set<Watcher>();
  let isClosed = false;
  let toldAtMs = 0;

  function send({ response, mayWatch }: Watcher, text: string): void {
    if (!mayWatch()) response.end();
    else response.write(text);
    if (response.writableLength > unreadBytesMax) response.destroy();
  }

  const sendAll = (change: Change) => {
    toldAtMs = performance.now();
    const text = `data: ${JSON.stringify(change)}\n\n`;
    for (const watcher of watchers) send(watcher, text);
  };

  return {
    add: (response, eventId, mayWatch) => {
      if (isClosed || response.closed) {
        response.destroy();
        return;
      }
      const watcher = { response, eventId, mayWatch };
      response.once("close", () => watchers.delete(watcher));
      // What changed until now is part of the whole.
      sendChange();
      watchers.add(watcher);
      send(watcher, `retry: ${reconnectMs}\n\ndata: ${JSON.stringify(display.whole())}\n\n`);
    },
    tell: () => {
      sendChange();
      if (performance.now() - toldAtMs > quietMaxMs) sendAll(nothingNew);
    },
    count: () => watchers.size,
    eventIds: () => [...watchers].flatMap(({ eventId }) => eventId ?? []),
    close: () => {
      isClosed = true;
      for (const { response } of watchers) response.end();
    },
  };

  function sendChange(): void {
    const change = display.takeChange();
    if (change !== undefined) sendAll(change);
  }
}
