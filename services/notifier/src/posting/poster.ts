// Makes one POST to a receiver that may be slow, hostile or unreachable: 5 s to connect, 15 s in all, at most 16 KiB of
// the answer's body and 256 KiB in all read, no redirect followed, no connection to an address that is not allowed. The
// receiver may have closed a kept connection meanwhile; then the POST is repeated at once on a new one. If the first
// POST did arrive, the receiver gets it twice, under the same `webhook-id`, as after any failure.
//
// Nothing is sent before the connection is made and the permit is looked at once more. When the permit's endpoint is
// disabled or deleted, a POST that was not sent yet is withdrawn at once, and one that was sent may still be answered
// for 2 s; then its connection is cut.
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import type { AttemptResult } from "@onsale/contracts/webhook";
import { type Resolve, usualResolve } from "@onsale/security/resolve-names";
import { checkWebhookUrl, isAllowedAddress } from "@onsale/security/webhook-address";
import { describeFailure } from "./describe-failure.ts";
import { isValid, lockLost, type Permit } from "./permit.ts";
import { parseRetryAfter } from "./retry-schedule.ts";
import { createSafeAgents, RefusedAddressError, type SafeAgents } from "./safe-agents.ts";

/** How a POST ended. */
export type PostOutcome = Readonly<{
  /**
   * "withdrawn" when the permit ended before anything was sent: there was no attempt. Also when this process lost the
   * endpoint's lock, and the answer did not come in time: that says nothing about the receiver.
   */
  result: AttemptResult | "withdrawn";
  /** Of the answer; null without one. */
  status: number | null;
  /** The first 1 KiB of the answer's body; null without an answer. */
  responseBody: string | null;
  /** Why there was no complete answer, for the endpoint's owner; null with one. */
  error: string | null;
  /** The same for the operator, with addresses and the system's own words. */
  cause?: unknown;
  /** As the receiver asked for; null when it did not, or without an answer. */
  retryAfterSeconds: number | null;
}>;

export type Poster = Readonly<{
  /** Never throws. */
  post: (url: string, headers: Readonly<Record<string, string>>, body: string, permit: Permit) => Promise<PostOutcome>;
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
/**
 * Of everything that is read for an attempt. It stops a receiver that sends 1xx answers, blank lines or extensions of
 * chunks without an end, each of which is allowed. A long body is not read that far: readBeginning ends before.
 */
const rawBytesMax = 256 * 1024;
const defaultConnectMaxMs = 5_000;
const defaultTotalMaxMs = 15_000;
/** How long a POST that was sent may still be answered after its endpoint was disabled or deleted. */
const stoppedMaxMs = 2_000;

class TimeoutError extends Error {}
/** The receiver sent more than an answer needs. */
class FloodError extends Error {}
/** The endpoint was disabled or deleted, and the POST was not answered in time after that. */
class StoppedError extends Error {}
/** The permit ended before anything was sent, or before the answer for a reason that is not the endpoint's. */
class WithdrawnError extends Error {}
/** A kept connection ended before any answer: most likely the receiver had closed it while it was idle. */
class StaleConnectionError extends Error {}

type Message = Readonly<{ url: URL; headers: Readonly<Record<string, string>>; body: string; permit: Permit }>;
type Limits = Readonly<{ allowPrivate: boolean; connectMaxMs: number; totalMaxMs: number }>;

export function createPoster(options: PosterOptions): Poster {
  const { allowPrivate, connectMaxMs = defaultConnectMaxMs, totalMaxMs = defaultTotalMaxMs } = options;
  const { resolve = usualResolve(allowPrivate) } = options;
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
    post: async (text, headers, body, permit) => {
      const checked = checkWebhookUrl(text, allowPrivate);
      if (!checked.ok) return failure("refused", `its url ${checked.detail}`);
      if (!isValid(permit)) return failure("withdrawn", null);
      try {
        return await exchangeWithOneRepeat({ url: checked.url, headers, body, permit });
      } catch (error) {
        return failureOf(error);
      }
    },
    close: () => {
      for (const agent of [keptAgents.http, keptAgents.https, freshAgents.http, freshAgents.https]) agent.destroy();
    },
  };
}

function exchange(agents: SafeAgents, message: Message, limits: Limits): Promise<PostOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<PostOutcome>();
  const { url, headers, body, permit } = message;
  const isHttps = url.protocol === "https:";
  const agent = isHttps ? agents.https : agents.http;
  const request = (isHttps ? requestHttps : requestHttp)(url, { method: "POST", agent, headers });
  let isAnswered = false;
  /** Rejects with the first error, before `destroy` emits another one. */
  const fail = (error: Error) => {
    reject(error);
    request.destroy(error);
  };
  const guard = startGuard(limits, permit, fail);
  request.once("socket", (socket) => {
    const connected = () => {
      if (guard.mayBeSent(socket)) request.end(body);
    };
    if (request.reusedSocket) connected();
    else socket.once(isHttps ? "secureConnect" : "connect", connected);
  });
  request.once("response", (response) => {
    isAnswered = true;
    readOutcome(response, permit).then(resolve, reject);
  });
  request.on("error", (error) => {
    // After the headers, `readOutcome` gets the error from the response, unless the answer is complete.
    if (isAnswered) return;
    const isStale = request.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(codeOf(error));
    reject(isStale ? new StaleConnectionError(error.message) : error);
  });
  request.once("close", () => {
    guard.end();
    // For example after 101 Switching Protocols, which Node reports neither as an answer nor as an error.
    if (!isAnswered) reject(new Error("the connection was closed without an answer"));
  });
  return promise;
}

/**
 * Limits the time to connect, the time in all and the bytes that are read, and watches the permit.
 *
 * @param fail ends the POST
 */
function startGuard({ allowPrivate, connectMaxMs, totalMaxMs }: Limits, permit: Permit, fail: (error: Error) => void) {
  const failAfter = (ms: number, error: Error) => setTimeout(() => fail(error), ms);
  const connectTimer = failAfter(connectMaxMs, new TimeoutError(`no connection within ${connectMaxMs} ms`));
  const timers = [connectTimer, failAfter(totalMaxMs, new TimeoutError("no complete answer in time"))];
  let isSent = false;
  const stop = () => {
    if (!isSent) return fail(new WithdrawnError());
    const isLost = permit.stopped.reason === lockLost;
    timers.push(failAfter(stoppedMaxMs, isLost ? new WithdrawnError() : new StoppedError()));
  };
  permit.stopped.addEventListener("abort", stop, { once: true });
  let stopCounting = () => {};

  return {
    /** Called once, when the socket is connected. Otherwise the POST has failed. */
    mayBeSent: (socket: Socket): boolean => {
      clearTimeout(connectTimer);
      // The connection is to an address that safe-agents.ts has checked; should it ever not be, nothing may be sent.
      const { remoteAddress = "" } = socket;
      if (!isAllowedAddress(remoteAddress, allowPrivate)) fail(new RefusedAddressError(remoteAddress));
      else if (!isValid(permit)) fail(new WithdrawnError());
      else isSent = true;
      stopCounting = limitBytes(socket, fail);
      return isSent;
    },
    end: () => {
      for (const timer of timers) clearTimeout(timer);
      permit.stopped.removeEventListener("abort", stop);
      stopCounting();
    },
  };
}

/** Ends a POST whose socket has read too much since now. */
function limitBytes(socket: Socket, fail: (error: Error) => void): () => void {
  const { bytesRead: bytesReadBefore } = socket;
  const count = () => {
    if (socket.bytesRead - bytesReadBefore > rawBytesMax) fail(new FloodError());
  };
  socket.on("data", count);
  return () => socket.off("data", count);
}

async function readOutcome(response: IncomingMessage, permit: Permit): Promise<PostOutcome> {
  const { statusCode: status = 0 } = response;
  const responseBody = await readBeginning(response);
  const retryAfterSeconds = parseRetryAfter(response.headers["retry-after"], permit.nowMs());
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

function failure(result: PostOutcome["result"], error: string | null, cause?: unknown): PostOutcome {
  return { result, error, status: null, responseBody: null, retryAfterSeconds: null, cause };
}

function failureOf(error: unknown): PostOutcome {
  if (error instanceof WithdrawnError) return failure("withdrawn", null);
  if (error instanceof RefusedAddressError) return failure("refused", refusedAddress, error);
  if (error instanceof TimeoutError) return failure("timeout", error.message);
  if (error instanceof FloodError) return failure("network-error", "the receiver sent too much");
  if (error instanceof StoppedError) return failure("network-error", "the endpoint was disabled during the attempt");
  return failure("network-error", describeFailure(error), error);
}

/** One sentence for all: which address a name has in this network is nobody's business outside. */
const refusedAddress = "its address is not one that webhooks may be sent to";

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}
