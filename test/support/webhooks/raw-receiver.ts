// Receivers of webhooks that answer with the exact bytes of a test's choice, and posters that send to them.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Permit } from "@onsale/notifier/posting/permit";
import { createPoster, type PosterOptions, type PostOutcome } from "@onsale/notifier/posting/poster";
import { atEnd } from "../cleanup.ts";

/** The body of every post. */
export const body = '{"type":"webhook.ping"}';
export const headers = {
  "content-type": "application/json",
  "content-length": String(body.length),
  "webhook-id": "msg-1",
};
/** A complete answer that leaves the connection open. */
export const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** A receiver behind a bare socket. */
export type RawReceiver = Readonly<{
  port: number;
  url: string;
  /** Every connection that was made to it. */
  sockets: readonly Socket[];
  /** Every complete request, in the order of receipt. */
  requests: readonly string[];
}>;

export function portOf(server: Server): number {
  const address = server.address();
  assert(typeof address === "object" && address !== null);
  return address.port;
}

/** A receiver that answers each request with bytes of the test's choice. */
export async function startRawReceiver(
  answer: (socket: Socket, requestCount: number) => unknown,
): Promise<RawReceiver> {
  const sockets: Socket[] = [];
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    let text = "";
    socket.on("data", (data) => {
      text += data.toString();
      if (!isComplete(text)) return;
      requests.push(text);
      text = "";
      answer(socket, requests.length);
    });
  });
  atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  return { port, url: `http://127.0.0.1:${port}/hook?a=b`, sockets, requests };
}

function isComplete(request: string): boolean {
  const [head = "", content] = request.split("\r\n\r\n");
  return content !== undefined && content.length === Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
}

/** Parses a request as a receiver's code does. */
export function parseRequest(request = "") {
  const [head = "", content = ""] = request.split("\r\n\r\n");
  const fields = head
    .split("\r\n")
    .slice(1)
    .map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
  return { headers: Object.fromEntries(fields), body: content };
}

/** Answers with this status, body and header fields. */
export function respond(status: string, content = "", ...fields: string[]) {
  const head = [`HTTP/1.1 ${status}`, `content-length: ${Buffer.byteLength(content)}`, ...fields];
  return (socket: Socket) => socket.write(`${head.join("\r\n")}\r\n\r\n${content}`);
}

/** Answers with these bytes. */
export const write = (text: string) => (socket: Socket) => socket.write(text);

/** A permit that does not end. */
export const anyPermit: Permit = { stopped: new AbortController().signal, endsAtMs: Infinity, nowMs: Date.now };

/** Creates a poster; by default it may post to this machine, at any time. */
export function newPoster(options: Partial<PosterOptions> = {}) {
  const poster = createPoster({ allowPrivate: true, ...options });
  atEnd(poster.close);
  const post = (url: string, fields: Readonly<Record<string, string>>, text: string, permit = anyPermit) =>
    poster.post(url, fields, text, permit);
  return { ...poster, post };
}

/** Posts once. */
export const post = (url: string, options: Partial<PosterOptions> = {}): Promise<PostOutcome> =>
  newPoster(options).post(url, headers, body);
