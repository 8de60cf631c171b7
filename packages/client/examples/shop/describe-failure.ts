// Why a shop cannot start, and what to do about it.
import { NetworkError, ProblemError } from "@onsale/client";

const makeKey = "npx onsale keys create --name shop --scopes events:write orders:write orders:read webhooks:manage";
const otherPorts = "PORT=8190 PROVIDER_PORT=8191";

/** What to do about a problem, by its code. */
const advice: Readonly<Record<string, string>> = {
  unauthorized: `Set ONSALE_API_KEY to a key, which this makes: ${makeKey}`,
  "insufficient-scope": `Set ONSALE_API_KEY to a key with all scopes of a shop, which this makes: ${makeKey}`,
  "webhook-url-refused":
    "This shop receives webhooks on this machine, where Onsale sends none: start it with WEBHOOK_ALLOW_PRIVATE=1.",
};

/** @param baseUrl where Onsale should be */
export function describeFailure(error: unknown, baseUrl: string): string {
  if (error instanceof NetworkError) {
    return `Nothing answers at ${baseUrl}. Start Onsale first, in another terminal: npm start`;
  }
  if (error instanceof ProblemError) return [`${error.message} (${baseUrl})`, advice[error.code]].join("\n").trim();
  if (!(error instanceof Error)) return String(error);
  const { code, port }: NodeJS.ErrnoException & { port?: number } = error;
  if (code !== "EADDRINUSE") return error.message;
  return `Port ${port} is taken, perhaps by another shop. Stop what uses it, or choose other ports, such as ${otherPorts}.`;
}
