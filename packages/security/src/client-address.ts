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

/** The named networks of `TRUST_PROXY`, as Fastify reads them. */
const namedNetworks: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/**
 * Makes a test whether an address is one of those, or in one of those networks.
 *
 * @param entries addresses, networks such as 10.0.0.0/8, and the names `loopback`, `linklocal` and `uniquelocal`
 */
export function createAddressMatcher(entries: readonly string[]): (address: string) => boolean {
  const networks = entries.flatMap((entry) => namedNetworks[entry] ?? [entry]).map(parseNetwork);
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
  };
}

function parseNetwork(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (entry.includes("/")) return ipaddr.parseCIDR(entry);
  const address = ipaddr.process(entry);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}
