// What a server of JSON needs, without a framework.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request; `path` has the parts between the slashes. */
export type Received = Readonly<{
  method: string;
  path: readonly string[];
  headers: IncomingMessage["headers"];
  body: Uint8Array;
}>;

/** An answer, with a body or without. */
export type Answer = Readonly<{ status: number; body?: unknown }>;

/** A running server. */
export type RunningServer = Readonly<{ url: string; close: () => void }>;

export type Fields = Readonly<Record<string, unknown>>;

/** The client sent something that cannot be read. */
export class BadRequest extends Error {}

/** Starts a server on this machine; port 0 takes a free one. An error of `handle` is answered with 400 or 503. */
export async function serve(port: number, handle: (received: Received) => Promise<Answer>): Promise<RunningServer> {
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const { status, body } = await receive(request, handle).catch(toAnswer);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actualPort}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function receive(request: IncomingMessage, handle: (received: Received) => Promise<Answer>): Promise<Answer> {
  const { method = "GET", url = "/", headers } = request;
  const path = url.split("?")[0]?.split("/").filter(Boolean) ?? [];
  return handle({ method, path, headers, body: await buffer(request) });
}

/** A caller that repeats its request after 503 loses nothing. */
function toAnswer(error: unknown): Answer {
  const status = error instanceof BadRequest ? 400 : 503;
  if (status === 503) console.error(error);
  return { status, body: { error: error instanceof Error ? error.message : "unknown" } };
}

/** @throws BadRequest when the body is not a JSON object */
export function readJson(body: Uint8Array | string): Fields {
  try {
    return readFields(JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body)));
  } catch {
    throw new BadRequest("The body must be a JSON object.");
  }
}

/** @throws BadRequest when the value is not an object */
export function readFields(value: unknown): Fields {
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value));
  throw new BadRequest("There must be an object.");
}

/** Sends JSON, and reads the JSON that is answered. Throws when the answer is an error. */
export async function fetchJson(method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
  const json = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(url, {
    method,
    headers: { ...json, ...headers },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}: ${text}`);
  return text === "" ? {} : readJson(text);
}
