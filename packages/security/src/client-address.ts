import ipaddr from "ipaddr.js";

const bitsOfNetwork = 64;

/**
 * What is limited together: an IPv4 address, also in its IPv6 form, or the /64 network of an IPv6 address, since whoever
 * has one address of it has them all.
 */
export function addressGroup(address: string): string {
  if (!address.includes(":")) return address;
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  const network = parsed.toByteArray().slice(0, bitsOfNetwork / 8);
  return `${Buffer.from(network).toString("hex")}/${bitsOfNetwork}`;
}

/** A `Host` header that a browser sends only when the page's own address is this machine's. */
const loopbackHost = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Whether a request was sent to this machine by one of its own names. A page whose name was made to lead to this machine
 * (DNS rebinding) sends that name.
 */
export function isLoopbackHost(host: string): boolean {
  return loopbackHost.test(host);
}
