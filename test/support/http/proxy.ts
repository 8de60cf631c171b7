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
  /** Resets the existing connections; new ones work. Returns their number. */
  breakConnections: () => number;
  /** Delays each piece of data from now on; 0 ends it. */
  delayBy: (ms: number) => void;
  /** How many pieces of data were delayed so far. */
  delayedCount: () => number;
  /** Leads new connections to another server; the existing ones stay where they are. */
  turnTo: (serverUrl: string) => void;
}>;

/** Starts a proxy before a server; it is ended as cleanup.ts says. */
export async function startProxy(serverUrl: string): Promise<Proxy> {
  let target = new URL(serverUrl);
  let delayMs = 0;
  let delayedCount = 0;
  const sockets = new Set<Socket>();
  const createDelay = () =>
    new Transform({
      transform: (data, _encoding, done) => {
        if (delayMs === 0) return void done(null, data);
        delayedCount++;
        setTimeout(done, delayMs, null, data);
      },
    });
  const forward = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    from.pipe(createDelay()).pipe(to);
  };
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    forward(near, far);
    forward(far, near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy listens on no port");
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${address.port}`;
  return {
    url: url.href,
    muteConnections: () => {
      for (const socket of sockets) socket.unpipe().pause();
      return sockets.size / 2;
    },
    breakConnections: () => {
      const count = sockets.size / 2;
      for (const socket of sockets) socket.resetAndDestroy();
      return count;
    },
    delayBy: (ms) => {
      delayMs = ms;
    },
    delayedCount: () => delayedCount,
    turnTo: (otherUrl) => {
      target = new URL(otherUrl);
    },
  };
}
