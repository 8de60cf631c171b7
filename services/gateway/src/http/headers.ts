// Reads and writes headers that several routes use: entity tags, `Prefer: wait` and the bearer token.
import { hash } from "node:crypto";

/** An order's ETag: its version. */
export function etagOf({ version }: Readonly<{ version: number }>): string {
  return `"${version}"`;
}

/** The ETag of a document: a hash of its bytes. */
export function etagOfBytes(bytes: Uint8Array): string {
  return `"${hash("sha256", bytes, "base64url")}"`;
}

/** Whether an `If-None-Match` header contains the tag (RFC 9110, weak comparison). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag);
}

/**
 * Reads `wait` of a `Prefer` header (RFC 7240). Preferences that it does not know are ignored, as the RFC requires; a
 * longer wait is cut to `waitSecondsMax`.
 *
 * @param waitSecondsMax the longest wait that a client is granted
 * @returns seconds, or null when the client does not want to wait
 */
export function parsePreferWait(header: string | string[] | undefined, waitSecondsMax: number): number | null {
  if (header === undefined) return null;
  const preferences = (Array.isArray(header) ? header.join(",") : header).split(",");
  for (const preference of preferences) {
    const seconds = /^\s*wait\s*=\s*"?(\d+)"?\s*(?:;.*)?$/i.exec(preference)?.[1];
    if (seconds !== undefined) return Math.min(waitSecondsMax, Number(seconds));
  }
  return null;
}

/** The token of an `Authorization` header (RFC 6750), or undefined when there is none. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization?.startsWith("Bearer ")) return authorization.slice("Bearer ".length);
  return authorization === undefined ? undefined : /^bearer +(\S+)$/i.exec(authorization)?.[1];
}
