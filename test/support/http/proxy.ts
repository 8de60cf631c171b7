import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { atEnd } from "../cleanup.ts";

/** A TCP proxy whose connections a test can silence or break. */
export type Proxy = Readonly<{
  /** The server's URL, with the proxy's address. */
  url: string;
  /** Stops the traffic of the existing connections without closing them; new ones work. */
  muteConnections: () => void;
  /** Resets the existing connections; new ones work. */
  breakConnections: () => void;
  /** Leads new connections to another server; the existing ones stay where they are. */
  turnTo: (serverUrl: string) => void;
}>;

/** Starts a proxy before a server; it is ended as cleanup.ts says. */
export async function startProxy(serverUrl: string): Promise<Proxy> {
  let target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const forward = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on("error", () => undefined);
    from.on("close", () => to.destroy());
    from.pipe(to);
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
    },
    breakConnections: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    turnTo: (otherUrl) => {
      target = new URL(otherUrl);
    },
  };
}
