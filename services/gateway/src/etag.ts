import { hash } from "node:crypto";

/** An order's ETag: its version. */
export function etagOf({ version }: Readonly<{ version: number }>): string {
  return `"${version}"`;
}

/** The ETag of what is told by its bytes alone: a hash of them. */
export function etagOfBytes(bytes: Uint8Array): string {
  return `"${hash("sha256", bytes, "base64url")}"`;
}

/** Whether an `If-None-Match` header names the tag (RFC 9110, weak comparison). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag);
}
