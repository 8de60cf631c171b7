// The receiving side of Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md):
// HMAC-SHA256, under each secret that is valid at the moment, over `<id>.<timestamp>.<body>`, byte by byte as it came.
import { isOrder, isRecord, parseJson } from "./shape.ts";
import type { Order } from "./wire.ts";

/** An order was decided. */
export type OrderWebhookEvent = Readonly<{
  type: "order.confirmed" | "order.rejected";
  /** When it happened; RFC 3339. */
  timestamp: string;
  data: Readonly<{ order: Order }>;
}>;

/** A trial, to see whether the endpoint answers. */
export type PingWebhookEvent = Readonly<{
  type: "webhook.ping";
  timestamp: string;
  data: Readonly<Record<string, unknown>>;
}>;

/** Genuine, but of a type that this version does not know: answer 204 and let it pass. */
export type UnknownWebhookEvent = Readonly<{
  type: "unknown";
  /** The type as it was sent. */
  unknownType: string;
  timestamp: string;
  data: unknown;
}>;

/** What a webhook says; switch on its `type`. */
export type WebhookEvent = OrderWebhookEvent | PingWebhookEvent | UnknownWebhookEvent;

/** Why a webhook is not accepted. */
export type WebhookFault =
  /** One of the three headers is missing, or is there more than once. */
  | "headers-invalid"
  /** The timestamp is no number of seconds. */
  | "timestamp-invalid"
  /** It was sent too long ago: perhaps somebody else sends it once more. */
  | "timestamp-too-old"
  /** It was sent in the future: one of the two clocks is wrong. */
  | "timestamp-too-new"
  /** A secret of yours is not `whsec_` and base64, or there is none. */
  | "secret-invalid"
  /** Somebody else sent it, or it was changed on its way, or the secret is another one. */
  | "signature-mismatch"
  /** It is genuine, but its body is not what a webhook of this API says. */
  | "body-invalid";

/** A webhook that must not be acted upon; answer it with 400. */
export class WebhookVerificationError extends Error {
  override readonly name = "WebhookVerificationError";
  readonly reason: WebhookFault;

  constructor(reason: WebhookFault, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A request's headers: a `Headers`, or an object as of Node's `request.headers`, in any letter case. */
export type WebhookHeaders =
  | Readonly<{ get: (name: string) => string | null }>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** How to verify. */
export type VerifyOptions = Readonly<{
  /** How far the timestamp may be from now, either way, in seconds. */
  toleranceSeconds?: number | undefined;
  /** The time to compare it with, instead of the clock's. */
  now?: Date | undefined;
}>;

const toleranceSecondsDefault = 300;

/**
 * Verifies that a webhook comes from who has the secret, not long ago and unchanged, and returns what it says. The same
 * webhook may come more than once: its `webhook-id` header is the same then.
 *
 * @param rawBody the body as it came; once parsed and written again it has another signature
 * @param secrets `whsec_` and base64; several while they are being changed
 * @throws WebhookVerificationError, with a `reason`
 */
export async function verifyWebhook(
  headers: WebhookHeaders,
  rawBody: string | Uint8Array,
  secrets: string | readonly string[],
  { toleranceSeconds = toleranceSecondsDefault, now = new Date() }: VerifyOptions = {},
): Promise<WebhookEvent> {
  const id = readHeader(headers, "webhook-id");
  const timestamp = readHeader(headers, "webhook-timestamp");
  const signatures = readHeader(headers, "webhook-signature");
  verifyTimestamp(timestamp, toleranceSeconds, now);
  const body = typeof rawBody === "string" ? new TextEncoder().encode(rawBody) : rawBody;
  const expected = await sign(`${id}.${timestamp}.`, body, typeof secrets === "string" ? [secrets] : secrets);
  // All are compared with all, without an early end, so that the time says nothing.
  const matches = expected.flatMap((one) => signatures.split(" ").map((other) => isSame(`v1,${one}`, other)));
  if (!matches.includes(true)) throw new WebhookVerificationError("signature-mismatch", "no signature matches");
  return toEvent(parseJson(new TextDecoder().decode(body)));
}

function readHeader(headers: WebhookHeaders, name: string): string {
  const values = isHeaders(headers) ? [headers.get(name) ?? ""] : valuesOf(headers, name);
  const [value = "", ...others] = values;
  if (value !== "" && others.length === 0) return value;
  throw new WebhookVerificationError("headers-invalid", `the header ${name} must be there once`);
}

function isHeaders(headers: WebhookHeaders): headers is Readonly<{ get: (name: string) => string | null }> {
  return typeof headers.get === "function";
}

function valuesOf(record: Readonly<Record<string, string | readonly string[] | undefined>>, name: string): string[] {
  const named = Object.entries(record).filter(([key]) => key.toLowerCase() === name);
  return named.flatMap(([, value]) => value ?? []);
}

function verifyTimestamp(timestamp: string, toleranceSeconds: number, now: Date): void {
  const fault = (reason: WebhookFault, what: string) =>
    new WebhookVerificationError(reason, `the timestamp is ${what}`);
  if (!/^\d{1,15}$/.test(timestamp)) throw fault("timestamp-invalid", "no number of seconds");
  const ageSeconds = Math.floor(now.getTime() / 1_000) - Number(timestamp);
  if (ageSeconds > toleranceSeconds) throw fault("timestamp-too-old", `${ageSeconds} s old`);
  if (-ageSeconds > toleranceSeconds) throw fault("timestamp-too-new", `${-ageSeconds} s in the future`);
  // Neither too old nor too new would also be what is compared with a time or a tolerance that is no number.
  if (!(Math.abs(ageSeconds) <= toleranceSeconds)) throw fault("timestamp-invalid", "compared with no time");
}

/** The signature under each secret, in base64. */
function sign(head: string, body: Uint8Array, secrets: readonly string[]): Promise<string[]> {
  if (secrets.length === 0) throw new WebhookVerificationError("secret-invalid", "there is no secret");
  const headBytes = new TextEncoder().encode(head);
  const content = new Uint8Array(headBytes.length + body.length);
  content.set(headBytes);
  content.set(body, headBytes.length);
  return Promise.all(
    secrets.map(async (secret) => {
      const algorithm = { name: "HMAC", hash: "SHA-256" };
      const key = await crypto.subtle.importKey("raw", keyBytes(secret), algorithm, false, ["sign"]);
      const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, content));
      return btoa(String.fromCharCode(...signature));
    }),
  );
}

function keyBytes(secret: string): Uint8Array<ArrayBuffer> {
  const encoded = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const invalid = new WebhookVerificationError("secret-invalid", "a secret must be whsec_ and base64");
  if (encoded === undefined) throw invalid;
  try {
    return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  } catch {
    throw invalid;
  }
}

/** Takes the same time wherever two texts of one length differ. */
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}

function toEvent(body: unknown): WebhookEvent {
  const invalid = new WebhookVerificationError("body-invalid", "the body is no webhook of this API");
  if (!isRecord(body)) throw invalid;
  const { type, timestamp, data } = body;
  if (typeof type !== "string" || typeof timestamp !== "string") throw invalid;
  if (type === "order.confirmed" || type === "order.rejected") {
    if (!isRecord(data) || !isOrder(data.order)) throw invalid;
    return { type, timestamp, data: { order: data.order } };
  }
  if (type !== "webhook.ping") return { type: "unknown", unknownType: type, timestamp, data };
  if (!isRecord(data)) throw invalid;
  return { type, timestamp, data };
}
