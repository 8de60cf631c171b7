import type { IncomingHttpHeaders } from "node:http";

/**
 * Whether a request that changes something was made by a page of this very server, and not by another one with the
 * user's cookie. Browsers say so themselves: `Sec-Fetch-Site`, or where they do not send that (plain HTTP to another
 * machine), `Origin`, which must name the host that was asked. A request with neither is refused: no browser sends one.
 * The order is that of Go's `http.CrossOriginProtection`.
 */
export function isSameOrigin({ host, origin, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site === "same-origin";
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}
