// One POST to a receiver who may be slow, hostile or gone: 5 s to connect, 15 s in all, at most 16 KiB of answer read, no
// redirect followed, no address reached that is not allowed.
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { AttemptResult } from "@onsale/contracts/webhook";
import { checkWebhookUrl, isAllowedAddress } from "@onsale/domain/webhook-address";
import { parseRetryAfter } from "@onsale/domain/webhook-schedule";
import { createSafeAgents, RefusedAddressError, type Resolve } from "./safe-agents.ts";

/** How a POST ended. */
export type PostOutcome = Readonly<{
  result: AttemptResult;
  /** Of the answer, if there was one, with the beginning of its body. */
  status: number | null;
  responseBody: string | null;
  error: string | null;
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
const connectMaxMsUsual = 5_000;
const totalMaxMsUsual = 15_000;

class TimeoutError extends Error {}

export function createPoster(options: PosterOptions): Poster {
  const { allowPrivate, resolve, connectMaxMs = connectMaxMsUsual, totalMaxMs = totalMaxMsUsual } = options;
  const agents = createSafeAgents(allowPrivate, resolve);

  /** Sends the request; what ends it early is also what whoever reads the answer is told. */
  function open(url: URL, headers: Readonly<Record<string, string>>, body: string) {
    const isHttps = url.protocol === "https:";
    const agent = isHttps ? agents.https : agents.http;
    const request = (isHttps ? requestHttps : requestHttp)(url, { method: "POST", agent, headers });
    let whyEnded: Error | undefined;
    const end = (error: Error) => {
      whyEnded ??= error;
      request.destroy(error);
    };
    const endLater = (what: string, ms: number) =>
      setTimeout(() => end(new TimeoutError(`no ${what} within ${ms} ms`)), ms);
    const connectTimer = endLater("connection", connectMaxMs);
    const totalTimer = endLater("complete answer", totalMaxMs);
    request.once("close", () => {
      clearTimeout(connectTimer);
      clearTimeout(totalTimer);
    });
    request.once("socket", (socket) => {
      const connected = () => {
        clearTimeout(connectTimer);
        // What was checked before is what it is connected to; if it ever is not, nothing must be sent.
        const { remoteAddress = "" } = socket;
        if (!isAllowedAddress(remoteAddress, allowPrivate)) end(new RefusedAddressError(remoteAddress));
      };
      if (request.reusedSocket) connected();
      else socket.once(isHttps ? "secureConnect" : "connect", connected);
    });
    const { promise: response, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>();
    request.once("response", answered);
    // Also after the answer has begun, when nobody waits for this any more.
    request.on("error", reject);
    request.end(body);
    return { response, whyEnded: () => whyEnded };
  }

  async function exchange(url: URL, headers: Readonly<Record<string, string>>, body: string): Promise<PostOutcome> {
    const { response: answering, whyEnded } = open(url, headers, body);
    try {
      const response = await answering;
      const { statusCode: status = 0 } = response;
      const responseBody = await readBeginning(response);
      const retryAfterSeconds = parseRetryAfter(response.headers["retry-after"], Date.now());
      return { result: resultOf(status), status, responseBody, error: null, retryAfterSeconds };
    } catch (error) {
      return failureOf(whyEnded() ?? error);
    }
  }

  return {
    post: async (text, headers, body) => {
      const checked = checkWebhookUrl(text, allowPrivate);
      if (!checked.ok) return failure("refused", `its url ${checked.detail}`);
      return exchange(checked.url, headers, body);
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function resultOf(status: number): AttemptResult {
  if (status >= 200 && status < 300) return "delivered";
  if (status === 410) return "gone";
  return status >= 300 && status < 400 ? "redirect" : "http-error";
}

/** Reads an answer to its end, or as much as is allowed, and returns its beginning as text. */
async function readBeginning(response: IncomingMessage): Promise<string> {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let readBytes = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    readBytes += bytes.length;
    const wanted = bytes.subarray(0, keptBytesMax - keptBytes);
    kept.push(wanted);
    keptBytes += wanted.length;
    // Leaving the loop closes the connection.
    if (readBytes >= readBytesMax) break;
  }
  // PostgreSQL's text has no NUL.
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

const errorTextMax = 300;

function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll("\0", "\uFFFD").slice(0, errorTextMax);
}
