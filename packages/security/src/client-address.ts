// Client addresses: which ones count as one client, and which ones are this machine.
import ipaddr from "ipaddr.js";

const networkBits = 64;

/**
 * The group of addresses that share a rate limit: one IPv4 address, also in its IPv6 form, or the /64 network of an
 * IPv6 address, because a client usually has a whole /64.
 */
export function addressGroup(address: string): string {
  if (!address.includes(":")) return address;
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  const network = parsed.toByteArray().slice(0, networkBits / 8);
  return `${Buffer.from(network).toString("hex")}/${networkBits}`;
}

/** The `Host` headers that browsers send only for URLs with a loopback name or address. */
const loopbackHost = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Whether a request was sent to a loopback name or address. A page whose own name resolves to this machine (DNS
 * rebinding) sends its own name instead.
 */
export function isLoopbackHost(host: string): boolean {
  return loopbackHost.test(host);
}
