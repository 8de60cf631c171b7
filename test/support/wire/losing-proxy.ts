// A proxy before a server that can lose single answers: the server does what it was asked for, its answer does not
// arrive, and the connection is reset. What an answer is, a tap knows for each protocol.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { atEnd } from "../cleanup.ts";

/** Reads along on one connection. */
export type Tap = Readonly<{
  /** Takes what the client sends; all of it is passed on. */
  onAsked: (data: Buffer) => void;
  /** Takes what the server sends, and returns what is passed on; "lost" when the answer to lose was complete. */
  onAnswered: (data: Buffer) => Buffer | "lost";
}>;

export type LosingProxy = Readonly<{
  /** The server's URL, with the proxy's address. */
  url: string;
  /** Resets all connections; new ones work. */
  resetAll: () => void;
}>;

/** Starts a proxy before a server; it is ended as cleanup.ts says. */
export async function startLosingProxy(serverUrl: string, createTap: () => Tap): Promise<LosingProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const tap = createTap();
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("end", () => other.end());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.on("data", (data) => {
      tap.onAsked(data);
      far.write(data);
    });
    far.on("data", (data) => {
      const passed = tap.onAnswered(data);
      if (passed === "lost") near.resetAndDestroy();
      else if (passed.length > 0) near.write(passed);
    });
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
    resetAll: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
}
