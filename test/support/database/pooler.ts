import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { atEnd } from "../cleanup.ts";

const startupHeadLength = 8;

/**
 * Starts what PgBouncer is to a client: by default it refuses start-up parameters that it does not know; with
 * `ignore_startup_parameters` it drops them. It is ended as cleanup.ts says.
 */
export async function startPooler(serverUrl: string, parameters: "refused" | "dropped"): Promise<string> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    sockets.add(near);
    near.on("error", () => undefined);
    near.once("data", (start) => {
      if (parameters === "refused") {
        near.end(errorMessage("unsupported startup parameter: options"));
        return;
      }
      const far = connect(Number(target.port), target.hostname);
      sockets.add(far);
      far.on("error", () => undefined);
      far.write(withoutOptions(start));
      near.pipe(far).pipe(near);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the pooler listens on no port");
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${address.port}`;
  return url.href;
}

/** A start-up message has its length, a version, and names and values that each end with a zero byte. */
function withoutOptions(start: Buffer): Buffer {
  const texts = start.subarray(startupHeadLength).toString("latin1").split("\0");
  const at = texts.indexOf("options");
  if (at >= 0) texts.splice(at, 2);
  const body = Buffer.from(texts.join("\0"), "latin1");
  const head = Buffer.from(start.subarray(0, startupHeadLength));
  head.writeInt32BE(startupHeadLength + body.length);
  return Buffer.concat([head, body]);
}

function errorMessage(text: string): Buffer {
  const body = Buffer.from(`SFATAL\0C08P01\0M${text}\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
