// Idempotency keys, and the fingerprint that tells whether a key came with the same purchase.
import { hash } from "node:crypto";
import type { Strategy } from "@onsale/contracts/order";
import type { Demand } from "./demand.ts";

/** The key of a request, or the problem of its header. */
export type IdempotencyKey = Readonly<
  { ok: true; key: string } | { ok: false; problem: "idempotency-key-missing" | "idempotency-key-invalid" }
>;

const bareKey = /^(?!")[\x21-\x7E]{1,255}$/;
const quotedKey = /^"((?:[\x21\x23-\x5B\x5D-\x7E]|\\["\\]){1,510})"$/;

/**
 * Reads an `Idempotency-Key` header: 1 to 255 visible ASCII characters, bare or as a structured field string (RFC
 * 9651) in quotes; `abc` and `"abc"` are the same key. Node joins a repeated header with ", ", and the space makes
 * that invalid in either form. Source: draft-ietf-httpapi-idempotency-key-header.
 */
export function parseIdempotencyKey(header: string | undefined): IdempotencyKey {
  if (header === undefined) return { ok: false, problem: "idempotency-key-missing" };
  if (bareKey.test(header)) return { ok: true, key: header };
  const key = quotedKey.exec(header)?.[1]?.replace(/\\(["\\])/g, "$1");
  if (key === undefined || key.length > 255) return { ok: false, problem: "idempotency-key-invalid" };
  return { ok: true, key };
}

/**
 * Computes what is the same for two purchases if and only if they ask for the same: a hash of the demand and the
 * strategy. What a plain purchase does not have is left out, so that its fingerprint stays as it was before holds and
 * baskets existed, and a key that is sent again after a deploy is the same order.
 *
 * @returns SHA-256, 32 bytes in hexadecimal
 */
export function fingerprint(
  { eventCode, lines, holdSeconds, allowPartial, customerRef, waitlist, accessCode }: Demand,
  strategy: Strategy,
): string {
  const [only] = lines;
  const isPlain = lines.length === 1 && holdSeconds === null && !waitlist && accessCode === null;
  const { ticketType = null, quantity = null } = lines.length === 1 ? (only ?? {}) : {};
  const plain = [eventCode, ticketType, quantity, customerRef, strategy];
  if (isPlain) return hash("sha256", JSON.stringify(plain), "hex");
  const items = lines.length === 1 ? null : lines.map((line) => [line.ticketType, line.quantity]).sort(byType);
  const rules = { ...(waitlist ? { waitlist } : {}), ...(accessCode === null ? {} : { accessCode }) };
  const rest = { items, holdSeconds, allowPartial, ...rules };
  return hash("sha256", JSON.stringify([...plain, rest]), "hex");
}

function byType([a = ""]: (string | number)[], [b = ""]: (string | number)[]): number {
  return a < b ? -1 : 1;
}
