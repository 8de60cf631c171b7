// Makes one POST to a receiver that may be slow, hostile or unreachable: 5 s to connect, 15 s in all, at most 16 KiB of
// the answer read, no redirect followed, no connection to an address that is not allowed. The receiver may have closed
// a kept connection meanwhile; then the POST is repeated at once on a new one. If the first POST did arrive, the
// receiver gets it twice, under the same `webhook-id`, as after any failure.
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { AttemptResult } from "@onsale/contracts/webhook";
import { checkWebhookUrl, isAllowedAddress } from "@onsale/security/webhook-address";
import { parseRetryAfter } from "./retry-schedule.ts";
import { createSafeAgents, RefusedAddressError, type Resolve, type SafeAgents } from "./safe-agents.ts";

/** How a POST ended. */
export type PostOutcome = Readonly<{
  result: AttemptResult;
  /** Of the answer; null without one. */
  status: number | null;
  /** The first 1 KiB of the answer's body; null without an answer. */
  responseBody: string | null;
  /** Why there was no complete answer; null with one. */
  error: string | null;
  /** As the receiver asked for; null when it did not, or without an answer. */
  retryAfterSeconds: number | null;
}>;

export type Poster = Readonly<{
  /** Never throws. */
  post: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<PostOutcome>;
  close: () => void;
}>;

export type PosterOptions = Readonly<{
  allowPrivate: boolean;
  resolve?: Resolve;
  connectMaxMs?: number;
  totalMaxMs?: number;
}>;

const readBytesMax = 16 * 1024;
const keptBytesMax = 1024;
const defaultConnectMaxMs = 5_000;
const defaultTotalMaxMs = 15_000;

class TimeoutError extends Error {}
/** A kept connection ended before any answer: most likely the receiver had closed it while it was idle. */
class StaleConnectionError extends Error {}

type Message = Readonly<{ url: URL; headers: Readonly<Record<string, string>>; body: string }>;
type Limits = Readonly<{ allowPrivate: boolean; connectMaxMs: number; totalMaxMs: number }>;

export function createPoster(options: PosterOptions): Poster {
  const { allowPrivate, resolve, connectMaxMs = defaultConnectMaxMs, totalMaxMs = defaultTotalMaxMs } = options;
  const keptAgents = createSafeAgents({ allowPrivate, resolve, keepAlive: true });
  const freshAgents = createSafeAgents({ allowPrivate, resolve, keepAlive: false });

  async function exchangeWithOneRepeat(message: Message): Promise<PostOutcome> {
    const startedAtMs = performance.now();
    try {
      return await exchange(keptAgents, message, { allowPrivate, connectMaxMs, totalMaxMs });
    } catch (error) {
      if (!(error instanceof StaleConnectionError)) throw error;
      const remainingMs = totalMaxMs - (performance.now() - startedAtMs);
      return exchange(freshAgents, message, { allowPrivate, connectMaxMs, totalMaxMs: remainingMs });
    }
  }

  return {
    post: async (text, headers, body) => {
      const checked = checkWebhookUrl(text, allowPrivate);
      if (!checked.ok) return failure("refused", `its url ${checked.detail}`);
      try {
        return await exchangeWithOneRepeat({ url: checked.url, headers, body });
      } catch (error) {
        return failureOf(error);
      }
    },
    close: () => {
      for (const agent of [keptAgents.http, keptAgents.https, freshAgents.http, freshAgents.https]) agent.destroy();
    },
  };
}

function exchange(agents: SafeAgents, { url, headers, body }: Message, limits: Limits): Promise<PostOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<PostOutcome>();
  const isHttps = url.protocol === "https:";
  const agent = isHttps ? agents.https : agents.http;
  const request = (isHttps ? requestHttps : requestHttp)(url, { method: "POST", agent, headers });
  let isAnswered = false;
  /** Rejects with the first error, before `destroy` emits another one. */
  const fail = (error: Error) => {
    reject(error);
    request.destroy(error);
  };
  const stopTimers = startTimers(request, isHttps, limits, fail);
  request.once("response", (response) => {
    isAnswered = true;
    readOutcome(response).then(resolve, reject);
  });
  request.on("error", (error) => {
    // After the headers, `readOutcome` gets the error from the response, unless the answer is complete.
    if (isAnswered) return;
    const isStale = request.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(codeOf(error));
    reject(isStale ? new StaleConnectionError(error.message) : error);
  });
  request.once("close", () => {
    stopTimers();
    // For example after 101 Switching Protocols, which Node reports neither as an answer nor as an error.
    if (!isAnswered) reject(new Error("the connection was closed without an answer"));
  });
  request.end(body);
  return promise;
}

/** Limits the time to connect and the time in all, and checks the address once more when the socket is connected. */
function startTimers(
  request: ClientRequest,
  isHttps: boolean,
  { allowPrivate, connectMaxMs, totalMaxMs }: Limits,
  fail: (error: Error) => void,
): () => void {
  const connectTimer = setTimeout(
    () => fail(new TimeoutError(`no connection within ${connectMaxMs} ms`)),
    connectMaxMs,
  );
  const totalTimer = setTimeout(() => fail(new TimeoutError("no complete answer in time")), totalMaxMs);
  request.once("socket", (socket) => {
    const connected = () => {
      clearTimeout(connectTimer);
      // The connection is to an address that safe-agents.ts has checked; should it ever not be, nothing may be sent.
      const { remoteAddress = "" } = socket;
      if (!isAllowedAddress(remoteAddress, allowPrivate)) fail(new RefusedAddressError(remoteAddress));
    };
    if (request.reusedSocket) connected();
    else socket.once(isHttps ? "secureConnect" : "connect", connected);
  });
  return () => {
    clearTimeout(connectTimer);
    clearTimeout(totalTimer);
  };
}

async function readOutcome(response: IncomingMessage): Promise<PostOutcome> {
  const { statusCode: status = 0 } = response;
  const responseBody = await readBeginning(response);
  const retryAfterSeconds = parseRetryAfter(response.headers["retry-after"], Date.now());
  return { result: resultOf(status), status, responseBody, error: null, retryAfterSeconds };
}

function resultOf(status: number): AttemptResult {
  if (status >= 200 && status < 300) return "delivered";
  if (status === 410) return "gone";
  return status >= 300 && status < 400 ? "redirect" : "http-error";
}

/** Reads an answer to its end, or its first 16 KiB, and returns its first 1 KiB as text. */
async function readBeginning(response: IncomingMessage): Promise<string> {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let readBytes = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    readBytes += bytes.length;
    const part = bytes.subarray(0, keptBytesMax - keptBytes);
    kept.push(part);
    keptBytes += part.length;
    // Leaving the loop early closes the connection.
    if (readBytes >= readBytesMax) break;
  }
  // PostgreSQL cannot store NUL in a text.
  return Buffer.concat(kept).toString("utf8").replaceAll("\0", "\uFFFD");
}

function failure(result: AttemptResult, error: string): PostOutcome {
  return { result, error, status: null, responseBody: null, retryAfterSeconds: null };
}

function failureOf(error: unknown): PostOutcome {
  if (error instanceof RefusedAddressError) return failure("refused", error.message);
  if (error instanceof TimeoutError) return failure("timeout", error.message);
  return failure("network-error", describe(error));
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}

const errorTextMax = 300;

function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll("\0", "\uFFFD").slice(0, errorTextMax);
}
