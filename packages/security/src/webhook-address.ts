// Where webhooks may be sent. A client chooses an endpoint's URL, so the URL must not reach anything that only this
// machine or its network can reach: addresses in any notation, names that resolve to such addresses, cloud metadata
// services.
import { isIP } from "node:net";
import { webhookUrlMax } from "@onsale/contracts/values";
import ipaddr from "ipaddr.js";

const globalUnicastV6 = ipaddr.parseCIDR("2000::/3");
/** Metadata services of clouds. Some of these addresses are in ranges that would be allowed. */
const metadataAddresses = new Set([
  "168.63.129.16",
  "169.254.169.254",
  "fd00:ec2::23",
  "fd00:ec2::254",
  "fd20:ce::254",
]);
const privateRanges = new Set(["loopback", "private", "uniqueLocal"]);

/**
 * Whether webhooks may be sent to an address: to public unicast ones, and with `allowPrivate` also to loopback and
 * private networks. Link-local addresses and metadata services are always refused.
 *
 * @param text an IPv4 or IPv6 address as sockets and the DNS write it; any other notation is refused
 */
export function isAllowedAddress(text: string, allowPrivate: boolean): boolean {
  // ipaddr.js accepts more notations than sockets do, and reads some differently; a zone would hide a metadata address.
  if (isIP(text) === 0 || text.includes("%")) return false;
  // `process` turns an IPv4 address in IPv6 form into the IPv4 address.
  const address = ipaddr.process(text);
  if (metadataAddresses.has(address.toString())) return false;
  const range = address.range();
  if (allowPrivate && privateRanges.has(range)) return true;
  if (range !== "unicast") return false;
  return address.kind() === "ipv4" || address.match(globalUnicastV6);
}

/** The longest name in the DNS, with a port. The URL parser takes 7 ms for 2,000 different Chinese characters. */
const hostLengthMax = 253 + ":65535".length;

/** Names that resolve to this machine, and names that only the local network knows. */
const internalName = /(^|\.)(localhost|local|internal|lan|home\.arpa)$/;

export type CheckedUrl = Readonly<{ ok: true; url: URL } | { ok: false; detail: string }>;

/**
 * Checks an endpoint's URL against the rules, as far as that is possible without the DNS.
 *
 * @returns the parsed URL, or why it is refused, as the end of a sentence
 */
export function checkWebhookUrl(text: string, allowPrivate: boolean): CheckedUrl {
  const refuse = (detail: string) => ({ ok: false, detail }) as const;
  // The URL parser drops some of these silently; then the POST would go to another URL than the client wrote.
  if (/[\s\\]|\p{Cc}/u.test(text)) return refuse("must not contain white space, control characters or backslashes");
  const { length: hostLength } = /^[^:]*:\/*([^/?#]*)/.exec(text)?.[1] ?? "";
  if (hostLength > hostLengthMax) return refuse(`must not have a host of more than ${hostLengthMax} characters`);
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
  // The encoded URL is stored and returned; encoding can turn one character into nine.
  if (url.href.length > webhookUrlMax)
    return refuse(`must not be longer than ${webhookUrlMax} characters when encoded`);
  return { ok: true, url };
}

/** The host of a URL as sockets and the DNS expect it: without brackets and trailing dots. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.+$/, "");
}
