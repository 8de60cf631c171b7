// The URL of a call. A base URL that cannot be meant is refused with what it should be, instead of a 404 or a
// NetworkError that is retried.
import type { Call, Client } from "./client.ts";

const example = "https://tickets.example.com";
/** What the client adds to the base URL. */
const apiPath = "/api/v1";

/** @throws TypeError for a base URL that cannot be used */
export function urlOf(
  { baseUrl }: Pick<Client, "baseUrl">,
  { path, query = {} }: Pick<Call, "path" | "query">,
): string {
  const base = parseBaseUrl(baseUrl);
  const url = new URL(`${base}${apiPath}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

/** The base URL without a slash at its end. Takes anything: programs in JavaScript pass what the environment has. */
function parseBaseUrl(given: unknown): string {
  if (typeof given !== "string" || given.trim() === "") {
    const what = typeof given === "string" ? "empty" : String(given);
    throw new TypeError(`The client's baseUrl is ${what}. It should be the gateway's URL, such as ${example}`);
  }
  const url = parseUrl(given);
  if (url === undefined) {
    throw new TypeError(`The client's baseUrl is no URL of http or https: ${given}. It should be like ${example}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("The client's baseUrl has a user name or password. Pass an API key as apiKey instead");
  }
  const base = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  if (url.search !== "" || url.hash !== "") {
    // Not repeated here, because a query can have a secret.
    throw new TypeError(`The client's baseUrl has a query or a fragment. It should be ${base}`);
  }
  if (base.endsWith(apiPath)) {
    const meant = base.slice(0, -apiPath.length);
    throw new TypeError(
      `The client adds ${apiPath} to its baseUrl by itself. Instead of ${given} it should be ${meant}`,
    );
  }
  return base;
}

function parseUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url : undefined;
  } catch {
    return undefined;
  }
}
