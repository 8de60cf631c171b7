// Listens for notifications on a connection of its own. When the connection is lost, the listener connects again,
// first at once and then after growing pauses, until it is closed. Notifications in between are lost, so it calls
// `onListening` after every connection, and there the caller reads what it may have missed.
import { startLoop } from "@onsale/lifecycle/loop";
import type pg from "pg";
import { createConnection, type DatabaseOptions } from "./client.ts";

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
    /** Milliseconds between two statements that find out whether the connection still answers; 5 s by default. */
    heartbeatMs?: number;
  }>;

const pauseStepMs = 50;
const pauseMaxMs = 1_000;
/** A connection to a vanished server fails only when something is sent over it. */
const defaultHeartbeatMs = 5_000;

/** Starts listening. */
export function createListener(options: ListenerOptions): Listener {
  const { heartbeatMs = defaultHeartbeatMs } = options;
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
    client.on("end", () => fail(new Error("the listening connection ended")));
    client.on("notification", ({ channel, payload }) => options.handlers[channel]?.(payload ?? ""));
    const listen = async () => {
      await connect();
      for (const channel of Object.keys(options.handlers)) await client.query(`LISTEN ${channel}`);
      if (isClosed) return;
      listening = true;
      failureCount = 0;
      options.onListening();
    };
    const connecting = listen();
    let isAsking = false;
    const ask = async () => {
      if (!listening || isAsking) return;
      isAsking = true;
      await requirePrimary(client).catch(fail);
      isAsking = false;
    };
    const heartbeat = setInterval(() => void ask(), heartbeatMs);
    try {
      await Promise.race([closed, lost, connecting.then(() => lost)]);
    } finally {
      listening = false;
      failureCount++;
      clearInterval(heartbeat);
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

/** @throws when the server does not answer, or became a replica: nobody sends notifications there */
async function requirePrimary(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ isReplica: boolean }>('SELECT pg_is_in_recovery() AS "isReplica"');
  if (rows[0]?.isReplica) throw new Error("the listening connection leads to a replica");
}
