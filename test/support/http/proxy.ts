import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";
import { atEnd } from "../cleanup.ts";

/** A TCP proxy whose connections a test can silence or break. */
export type Proxy = Readonly<{
  /** The server's URL, with the proxy's address. */
  url: string;
  /** Stops the traffic of the existing connections without closing them; new ones work. Returns their number. */
  muteConnections: () => number;
  /**
   * Ends one side of the existing connections. The other side is not told, and gets no answer any more. Returns their
   * number.
   */
  halveConnections: (goes: Side) => number;
  /** Resets the existing connections; new ones work. Returns their number. */
  breakConnections: () => number;
  /** Takes new connections without an answer from now on; false ends it, and resets those. */
  swallow: (isOn: boolean) => void;
  /** How many connections were taken without an answer so far. */
  swallowedCount: () => number;
  /** Delays each piece of data from now on; 0 ends it. */
  delayBy: (ms: number) => void;
  /** How many pieces of data were delayed so far. */
  delayedCount: () => number;
  /** Leads new connections to another server; the existing ones stay where they are. */
  turnTo: (serverUrl: string) => void;
}>;

type Side = "client" | "server";
type Sockets = Readonly<Record<Side, Socket>>;

/** On a network, the keepalives of the operating system find dead connections; the proxy's own ones are alive. */
const silentMaxMs = 25_000;

/** Starts a proxy before a server; it is ended as cleanup.ts says. */
export async function startProxy(serverUrl: string): Promise<Proxy> {
  let target = new URL(serverUrl);
  const { delayBy, delayedCount, createDelay } = createDelays();
  const { add, silence, breakConnections, end } = createConnections(createDelay);
  const { swallow, swallowedCount, take } = createSwallower();

  const server = createServer((near) => {
    if (!take(near)) add({ client: near, server: connect(Number(target.port), target.hostname) });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => {
    server.close();
    end();
    swallow(false);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy listens on no port");
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${address.port}`;
  return {
    url: url.href,
    muteConnections: () => silence().length,
    halveConnections: (goes) => {
      const left = silence();
      for (const connection of left) connection[goes].destroy();
      return left.length;
    },
    breakConnections,
    swallow,
    swallowedCount,
    delayBy,
    delayedCount,
    turnTo: (otherUrl) => {
      target = new URL(otherUrl);
    },
  };
}

/** Connections that pass on what they get. */
function createConnections(createDelay: () => Transform) {
  const connections = new Set<Sockets>();
  const silent = new Set<Socket>();

  function pass(connection: Sockets, from: Socket, to: Socket): void {
    from.on("error", () => undefined);
    from.on("close", () => {
      silent.delete(from);
      if (connections.delete(connection)) to.destroy();
    });
    from.pipe(createDelay()).pipe(to);
  }

  return {
    add: (connection: Sockets): void => {
      const { client, server } = connection;
      connections.add(connection);
      pass(connection, client, server);
      pass(connection, server, client);
    },
    /** Leaves the existing connections to themselves; returns them. */
    silence: (): readonly Sockets[] => {
      const left = [...connections];
      connections.clear();
      for (const socket of left.flatMap(bothOf)) {
        socket.unpipe().pause();
        silent.add(socket);
        setTimeout(() => socket.resetAndDestroy(), silentMaxMs).unref();
      }
      return left;
    },
    breakConnections: (): number => {
      const count = connections.size;
      for (const socket of [...connections].flatMap(bothOf)) socket.resetAndDestroy();
      return count;
    },
    end: (): void => {
      for (const socket of [...[...connections].flatMap(bothOf), ...silent]) socket.destroy();
    },
  };
}

const bothOf = ({ client, server }: Sockets) => [client, server];

function createDelays() {
  let delayMs = 0;
  let delayedCount = 0;
  return {
    delayBy: (ms: number): void => {
      delayMs = ms;
    },
    delayedCount: () => delayedCount,
    createDelay: () =>
      new Transform({
        transform: (data, _encoding, done) => {
          if (delayMs === 0) return void done(null, data);
          delayedCount++;
          setTimeout(done, delayMs, null, data);
        },
      }),
  };
}

function createSwallower() {
  let isOn = false;
  let count = 0;
  const swallowed = new Set<Socket>();
  return {
    swallow: (on: boolean): void => {
      isOn = on;
      if (!on) for (const socket of swallowed) socket.resetAndDestroy();
    },
    swallowedCount: () => count,
    /** Keeps the connection to itself while that is on. */
    take: (socket: Socket): boolean => {
      if (!isOn) return false;
      count++;
      swallowed.add(socket);
      socket
        .on("error", () => undefined)
        .on("close", () => swallowed.delete(socket))
        .resume();
      return true;
    },
  };
}
