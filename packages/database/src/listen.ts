// A listener is connecting, then listening; when its connection is lost it is connecting again, at first at once and
// then with growing pauses, until it is closed. What was notified in between is lost, so `onListening` runs after
// every (re)connection and the caller catches up there.
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { connectionConfig, type DatabaseOptions } from "./client.ts";

export type Listener = Readonly<{
  /** Whether notifications arrive at this moment. */
  isListening: () => boolean;
  close: () => Promise<void>;
}>;

export type ListenerOptions = Omit<DatabaseOptions, "connectionCountMax" | "onIdleError"> &
  Readonly<{
    /** By channel; channel names are our own constants, never input. */
    handlers: Readonly<Record<string, (payload: string) => void>>;
    onListening: () => void;
    onLost: (error: Error) => void;
  }>;

const pauseStepMs = 50;
const pauseMaxMs = 1_000;
/** A connection whose other end vanished without a word shows only when something is asked over it. */
const heartbeatMs = 5_000;

/** Listens for notifications on a connection of its own, for as long as it is not closed. */
export function createListener(options: ListenerOptions): Listener {
  const closing = new AbortController();
  const closed = once(closing.signal, "abort");
  let listening = false;
  let hasListened = false;

  /** @throws when the connection cannot be made or is lost; returns only when the listener is closed */
  async function listenUntilLost(): Promise<void> {
    const client = new pg.Client(connectionConfig(options));
    const { promise: lost, reject: fail } = Promise.withResolvers<never>();
    client.on("error", fail);
    client.on("end", () => fail(new Error("the listening connection ended")));
    client.on("notification", ({ channel, payload }) => options.handlers[channel]?.(payload ?? ""));
    const listen = async () => {
      await client.connect();
      for (const channel of Object.keys(options.handlers)) await client.query(`LISTEN ${channel}`);
      if (closing.signal.aborted) return;
      listening = true;
      hasListened = true;
      options.onListening();
    };
    const connecting = listen();
    const heartbeat = setInterval(() => void client.query("SELECT 1").catch(fail), heartbeatMs);
    try {
      await Promise.race([closed, lost, connecting.then(() => lost)]);
    } finally {
      listening = false;
      clearInterval(heartbeat);
      // A client that is still connecting cannot be ended before it has connected.
      const end = () => client.end();
      void connecting.then(end, end).catch(() => undefined);
    }
  }

  async function run(): Promise<void> {
    for (let pauseMs = 0; !closing.signal.aborted; pauseMs = Math.min(pauseMaxMs, pauseMs * 2 + pauseStepMs)) {
      hasListened = false;
      const wasLost = await listenUntilLost().catch((error: unknown) => error);
      if (closing.signal.aborted) return;
      if (hasListened) pauseMs = 0;
      options.onLost(wasLost instanceof Error ? wasLost : new Error(String(wasLost)));
      await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    isListening: () => listening,
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
