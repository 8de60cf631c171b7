import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { atEnd } from "../cleanup.ts";

/** A way to a server that can fail like a network. */
export type Proxy = Readonly<{
  /** The server's URL, by way of the proxy. */
  url: string;
  /** From now on nothing comes or goes on the connections that there are; new ones work. */
  muteConnections: () => void;
  /** Breaks the connections that there are; new ones work. */
  breakConnections: () => void;
}>;

/** Stands before a server; it is ended as cleanup.ts says. */
export async function startProxy(serverUrl: string): Promise<Proxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      sockets.add(from);
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
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
  };
}
