// Listens for notifications on a connection of its own. When the connection is lost, the listener connects again,
// first at once and then after growing pauses, until it is closed. Notifications in between are lost, so it calls
// `onListening` after every connection, and there the caller reads what it may have missed.
import { startLoop } from "@onsale/lifecycle/loop";
import { createConnection, type DatabaseOptions } from "../client.ts";
import { lostSession } from "../connection/lost-session.ts";
import { ProcessSessions } from "../connection/process-sessions.ts";
import { watchListening } from "./watch-listening.ts";

export type Listener = Readonly<{
  /** Whether it is connected and receives notifications. */
  isListening: () => boolean;
  close: () => Promise<void>;
}>;

export type ListenerOptions = Omit<DatabaseOptions, "connectionCountMax" | "usesServerSettings" | "onIdleError"> &
  Readonly<{
    /** Called with a payload, by channel. The channels are our own constants (channels.ts), never input. */
    handlers: Readonly<Record<string, (payload: string) => void>>;
    /** Called after each connection. */
    onListening: () => void;
    /** Called with the reason when the connection is lost or cannot be made, at most once in five seconds. */
    onLost: (error: Error) => void;
    /** Milliseconds between two checks whether the connection is still good; 5 s by default. */
    heartbeatMs?: number;
  }>;

const pauseStepMs = 50;
const pauseMaxMs = 1_000;
const defaultHeartbeatMs = 5_000;

/** Starts listening. */
export function createListener(options: ListenerOptions): Listener {
  const { heartbeatMs = defaultHeartbeatMs, sessions = new ProcessSessions() } = options;
  const { promise: closed, resolve: endListening } = Promise.withResolvers<void>();
  let isClosed = false;
  let listening = false;
  /** Connections that failed since the last one that received notifications. */
  let failureCount = 0;

  /** @throws when the connection cannot be made or is lost; returns only when the listener is closed */
  async function listenUntilLost(): Promise<void> {
    const { client, connect } = createConnection(options);
    const { promise: lost, reject: fail } = Promise.withResolvers<never>();
    client.on("error", fail);
    client.on("end", () => fail(new Error(lostSession.listeningEnded)));
    client.on("notification", ({ channel, payload }) => options.handlers[channel]?.(payload ?? ""));
    let endWatch: () => void = () => undefined;
    const listen = async () => {
      await connect();
      for (const channel of Object.keys(options.handlers)) await client.query(`LISTEN ${channel}`);
      if (isClosed) return;
      listening = true;
      failureCount = 0;
      endWatch = watchListening(client, { sessions, heartbeatMs, onUseless: fail });
      options.onListening();
    };
    const connecting = listen();
    try {
      await Promise.race([closed, lost, connecting.then(() => lost)]);
    } finally {
      listening = false;
      failureCount++;
      endWatch();
      // A client that is still connecting cannot be ended before it has connected.
      const end = () => client.end();
      void connecting.then(end, end).catch(() => undefined);
    }
  }

  const loop = startLoop({
    run: listenUntilLost,
    pauseMs: () => Math.min(pauseMaxMs, pauseStepMs * (2 ** (failureCount - 1) - 1)),
    onError: options.onLost,
  });
  return {
    isListening: () => listening,
    close: async () => {
      isClosed = true;
      endListening();
      await loop.close();
    },
  };
}
