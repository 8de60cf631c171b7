// Where webhooks may be sent. An endpoint's URL is given by somebody else, so it must not reach what only this machine
// or its network can: literals in any notation, names that resolve to such addresses, and cloud metadata services.
import { isIP } from "node:net";
import { webhookUrlMax } from "@onsale/contracts/webhook";
import ipaddr from "ipaddr.js";

const globalUnicastV6 = ipaddr.parseCIDR("2000::/3");
/** Reachable from inside a cloud only, though the addresses look usable. */
const metadataAddresses = new Set([
  "168.63.129.16",
  "169.254.169.254",
  "fd00:ec2::23",
  "fd00:ec2::254",
  "fd20:ce::254",
]);
const privateRanges = new Set(["loopback", "private", "uniqueLocal"]);

/**
 * Whether webhooks may be sent to an address: public unicast, and with `allowPrivate` also loopback and private networks.
 * Link-local addresses and metadata services are refused either way.
 *
 * @param text an IPv4 or IPv6 address as a socket or the DNS gives it; any other notation is refused
 */
export function isAllowedAddress(text: string, allowPrivate: boolean): boolean {
  // ipaddr.js knows more notations than sockets do, and reads some otherwise; a zone would hide a metadata address.
  if (isIP(text) === 0 || text.includes("%")) return false;
  // An IPv4 address that is written as an IPv6 one is that IPv4 address.
  const address = ipaddr.process(text);
  if (metadataAddresses.has(address.toString())) return false;
  const range = address.range();
  if (allowPrivate && privateRanges.has(range)) return true;
  if (range !== "unicast") return false;
  return address.kind() === "ipv4" || address.match(globalUnicastV6);
}

/** Names that lead inwards wherever they are resolved, and names that only the local network knows. */
const internalName = /(^|\.)(localhost|local|internal|lan|home\.arpa)$/;

export type CheckedUrl = Readonly<{ ok: true; url: URL } | { ok: false; detail: string }>;

/**
 * Holds an endpoint's URL against the rules, as far as that is possible without asking the DNS.
 *
 * @returns the URL as it is understood, or why it is refused, as the end of a sentence
 */
export function checkWebhookUrl(text: string, allowPrivate: boolean): CheckedUrl {
  const refuse = (detail: string) => ({ ok: false, detail }) as const;
  // The URL parser would drop some of these silently, and what is sent must be what was read.
  if (/[\s\\]|\p{Cc}/u.test(text)) return refuse("must not contain white space, control characters or backslashes");
  if (!URL.canParse(text)) return refuse("must be an absolute URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:"))
    return refuse("must begin with https://");
  if (url.username !== "" || url.password !== "") return refuse("must not contain a user name or password");
  if (url.hash !== "") return refuse("must not contain a fragment");
  const host = hostOf(url);
  const isAddress = isIP(host) !== 0;
  if (isAddress && !isAllowedAddress(host, allowPrivate)) return refuse("must not be an address that is not public");
  if (!isAddress && !allowPrivate && (!host.includes(".") || internalName.test(host))) {
    return refuse("must be a host that the public internet knows");
  }
  // What is stored and answered is the URL as it is understood, in which a letter can become nine.
  if (url.href.length > webhookUrlMax)
    return refuse(`must not be longer than ${webhookUrlMax} characters when encoded`);
  return { ok: true, url };
}

/** The host as the DNS or a socket takes it: no brackets, no trailing dots. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.+$/, "");
}
