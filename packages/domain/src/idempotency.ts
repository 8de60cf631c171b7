// Idempotency keys, and the fingerprint that tells whether a key came with the same purchase.
import { hash } from "node:crypto";
import type { Purchase, Strategy } from "@onsale/contracts/order";

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
 * Computes what is the same for two purchases if and only if they are the same request: a hash of all fields after
 * validation and defaults, the strategy included.
 *
 * @returns SHA-256, 32 bytes in hexadecimal
 */
export function fingerprint(purchase: Purchase, strategy: Strategy): string {
  const { eventCode, ticketType, quantity, customerRef = null } = purchase;
  return hash("sha256", JSON.stringify([eventCode, ticketType, quantity, customerRef, strategy]), "hex");
}
