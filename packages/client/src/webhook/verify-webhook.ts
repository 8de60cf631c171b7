// Verifies webhooks by Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md):
// the signature is an HMAC-SHA256 of `<id>.<timestamp>.<body>`, with the body's bytes as they arrived, under each
// secret that is valid at the moment.

import { parseJson } from "../wire/shape.ts";
import { readWebhookEvent, type WebhookEvent } from "./webhook-event.ts";

/** Why a webhook is not accepted. */
export type WebhookFault =
  /** One of the three headers is missing, or was sent more than once. */
  | "headers-invalid"
  /** The timestamp is not a number of seconds. */
  | "timestamp-invalid"
  /** It was sent too long ago; an attacker may be repeating it. */
  | "timestamp-too-old"
  /** Its timestamp is in the future; one of the two clocks is wrong. */
  | "timestamp-too-new"
  /** One of your secrets is not `whsec_` and base64, or you gave none. */
  | "secret-invalid"
  /** It was forged or changed on its way, or your secret is another one. */
  | "signature-mismatch"
  /** It is genuine, but its body is not one of this API. */
  | "body-invalid";

/** The webhook must not be acted upon; answer it with 400. */
export class WebhookVerificationError extends Error {
  override readonly name = "WebhookVerificationError";
  readonly reason: WebhookFault;

  constructor(reason: WebhookFault, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The headers of a request: a `Headers`, or an object such as Node's `request.headers`, in any letter case. */
export type WebhookHeaders =
  | Readonly<{ get: (name: string) => string | null }>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** How to verify. */
export type VerifyOptions = Readonly<{
  /** How many seconds the timestamp may be before or after now. The default is 300. */
  toleranceSeconds?: number | undefined;
  /** The time to compare the timestamp with, instead of the clock's. */
  now?: Date | undefined;
}>;

const toleranceSecondsDefault = 300;

/**
 * Verifies that a webhook was signed with one of the secrets, lately, and not changed since, and returns its content.
 * The same webhook can arrive more than once, with the same `webhook-id` header.
 *
 * @param rawBody the body as it arrived; a body that was parsed and serialised again has another signature
 * @param secrets `whsec_` and base64; two while you replace one by another
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
  // Compares all pairs without an early end, so that the time does not reveal which part matches.
  const matches = expected.flatMap((one) => signatures.split(" ").map((other) => isSame(`v1,${one}`, other)));
  if (!matches.includes(true)) throw new WebhookVerificationError("signature-mismatch", "no signature matches");
  const event = readWebhookEvent(parseJson(new TextDecoder().decode(body)));
  if (event !== undefined) return event;
  throw new WebhookVerificationError("body-invalid", "the body is not a webhook of this API");
}

function readHeader(headers: WebhookHeaders, name: string): string {
  const values = isHeaders(headers) ? [headers.get(name) ?? ""] : valuesOf(headers, name);
  const [value = "", ...others] = values;
  if (value !== "" && others.length === 0) return value;
  throw new WebhookVerificationError("headers-invalid", `the header ${name} must be sent once`);
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
  if (!/^\d{1,15}$/.test(timestamp)) throw fault("timestamp-invalid", "not a number of seconds");
  const ageSeconds = Math.floor(now.getTime() / 1_000) - Number(timestamp);
  if (ageSeconds > toleranceSeconds) throw fault("timestamp-too-old", `${ageSeconds} s old`);
  if (-ageSeconds > toleranceSeconds) throw fault("timestamp-too-new", `${-ageSeconds} s in the future`);
  // With an invalid time or a tolerance of NaN, both comparisons above are false.
  if (!(Math.abs(ageSeconds) <= toleranceSeconds))
    throw fault("timestamp-invalid", "compared with an invalid time or tolerance");
}

/** The signature under each secret, in base64. */
function sign(head: string, body: Uint8Array, secrets: readonly string[]): Promise<string[]> {
  if (secrets.length === 0) throw new WebhookVerificationError("secret-invalid", "no secret was given");
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

/** Compares two texts in a time that does not depend on where they differ. */
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}
