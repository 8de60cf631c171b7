/** How long a client may ask to wait. */
export const waitSecondsMax = 30;

/**
 * Reads `wait` of a `Prefer` header (RFC 7240). What is not understood is ignored, as the RFC asks; a longer wait than
 * allowed is cut to the longest.
 *
 * @returns seconds, or null when the client does not want to wait
 */
export function parsePreferWait(header: string | string[] | undefined): number | null {
  if (header === undefined) return null;
  const preferences = (Array.isArray(header) ? header.join(",") : header).split(",");
  for (const preference of preferences) {
    const seconds = /^\s*wait\s*=\s*"?(\d+)"?\s*(?:;.*)?$/i.exec(preference)?.[1];
    if (seconds !== undefined) return Math.min(waitSecondsMax, Number(seconds));
  }
  return null;
}
