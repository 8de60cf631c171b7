// What a server of JSON, files and event streams needs, without a framework. Everything that a client can use up has a
// limit: its body, its time to send a request, its connections, and how far a stream may be ahead of its reader.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** A request; `path` has the parts between the slashes. */
export type Received = Readonly<{
  method: string;
  path: readonly string[];
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Uint8Array;
  /** Of the client, or of the proxy before this server. */
  address: string;
}>;

/** An answer: with JSON (`body`), with the bytes of a file, with a stream of texts, or empty. */
export type Answer = Readonly<{
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  bytes?: Uint8Array;
  /** The signal aborts when the client has gone. */
  stream?: (gone: AbortSignal) => AsyncIterable<string>;
}>;

/** A running server. */
export type RunningServer = Readonly<{ url: string; close: () => void }>;

type Handle = (received: Received) => Promise<Answer>;

/** The client sent something that cannot be read, or too much of it. */
export class BadRequest extends Error {
  readonly status: 400 | 413;

  constructor(message: string, status: 400 | 413 = 400) {
    super(message);
    this.status = status;
  }
}

const bodyBytesMax = 64 * 1_024;
const connectionsMax = 2_000;
/** How long the head of a request, and all of it, may take to arrive. */
const headMaxMs = 10_000;
const requestMaxMs = 15_000;
const commentMs = 15_000;
/** How long a client may leave a stream unread. */
const unreadMaxMs = 20_000;

/** Starts a server on this machine; port 0 takes a free one. An error of `handle` is answered with 400, 413 or 503. */
export async function serve(port: number, handle: Handle): Promise<RunningServer> {
  const limits = { headersTimeout: headMaxMs, requestTimeout: requestMaxMs, connectionsCheckingInterval: 2_000 };
  const server = createServer(limits, (request, response) => {
    void respond(request, response, handle).catch(() => response.destroy());
  });
  server.maxConnections = connectionsMax;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, handle: Handle): Promise<void> {
  const answer = await receive(request, handle).catch(toAnswer);
  // The rest of a body that is too long is not read.
  const closing = answer.status === 413 ? { connection: "close" } : {};
  const type = answer.body === undefined ? {} : { "content-type": "application/json" };
  response.writeHead(answer.status, { ...type, ...closing, ...answer.headers });
  if (answer.stream !== undefined && request.method === "GET") return sendStream(response, answer.stream);
  response.end(answer.bytes ?? (answer.body === undefined ? undefined : JSON.stringify(answer.body)));
}

async function receive(request: IncomingMessage, handle: Handle): Promise<Answer> {
  const { method = "GET", url = "/", headers } = request;
  const [path = "", query = ""] = url.split("?");
  const parts = path.split("/").filter(Boolean).map(decodePart);
  return handle({
    method,
    path: parts,
    query: new URLSearchParams(query),
    headers,
    body: await readBody(request),
    address: request.socket.remoteAddress ?? "",
  });
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new BadRequest("The path cannot be decoded.");
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of request) {
    byteCount += chunk.length;
    if (byteCount > bodyBytesMax) throw new BadRequest(`A body has at most ${bodyBytesMax} bytes.`, 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Sends a stream as fast as its reader takes it; ends it when the reader takes nothing for too long. */
async function sendStream(response: ServerResponse, stream: NonNullable<Answer["stream"]>): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.flushHeaders();
  // A quiet stream stays open at proxies, and its reader can tell a living connection from a dead one.
  const comments = setInterval(() => response.writableNeedDrain || response.write(":\n\n"), commentMs);
  try {
    for await (const text of stream(gone.signal)) {
      if (response.write(text)) continue;
      const isRead = once(response, "drain", { signal: gone.signal }).then(() => true);
      const isTooLate = delay(unreadMaxMs, false, { signal: gone.signal });
      if (!(await Promise.race([isRead, isTooLate]))) return void response.destroy();
    }
    response.end();
  } catch {
    response.destroy();
  } finally {
    clearInterval(comments);
    gone.abort();
  }
}

/** A caller that repeats its request after 503 loses nothing. */
function toAnswer(error: unknown): Answer {
  const status = error instanceof BadRequest ? error.status : 503;
  if (status === 503) console.error(error);
  return { status, body: { error: error instanceof Error ? error.message : "unknown" } };
}

/** @throws BadRequest when the bytes are not JSON */
export function parseJson(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
  } catch {
    throw new BadRequest("The body must be JSON.");
  }
}

/** Sends JSON, and reads the JSON that is answered. Throws when the answer is an error. */
export async function fetchJson(method: string, url: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}: ${text}`);
  return text === "" ? undefined : parseJson(text);
}
