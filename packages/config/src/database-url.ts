// Reads the hosts of DATABASE_URL, which may be several, as libpq writes them: `postgres://user@a:5432,b:5433/db`, or
// in the parameters `host` and `port`. node-postgres takes one host only, so each server gets a URL of its own.
import { isIPv6 } from "node:net";
import { ConfigFault } from "./load-config.ts";

/** One of the servers of DATABASE_URL. */
export type DatabaseServer = Readonly<{
  /** The folder of a socket begins with a slash; an IPv6 address has no brackets. */
  host: string;
  port: number;
  /** Host and port, for people; never a password. */
  name: string;
  /** A URL with this host only. */
  url: string;
}>;

type Address = Pick<DatabaseServer, "host" | "port">;

const defaultPort = 5432;
const portMax = 65_535;
/** With no more than one `@`-terminated part before the hosts: what is before the last `@` is user and password. */
const urlParts = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/;
const hostPattern = /^[\w.-]+$/;
/** Values of `target_session_attrs` that let a server be used which takes no writes, and no other. */
const withoutWrites = ["read-only", "standby", "prefer-standby"];
const withWrites = ["any", "read-write", "primary"];

/**
 * The servers of a URL, in its order; at least one. The URL of a single server is returned unchanged.
 *
 * @throws ConfigFault that says what is wrong with the hosts, without any part of the URL, which may have a password
 */
export function databaseServers(url: string): readonly [DatabaseServer, ...DatabaseServer[]] {
  const [, beginning, authority = "", path = "", query = ""] = urlParts.exec(url) ?? [];
  const parameters = new URLSearchParams(query);
  requireWrites(parameters.get("target_session_attrs"));
  const given = readAddresses(authority, parameters);
  const [first] = given;
  if (beginning === undefined || first === undefined) throw new ConfigFault("must be a URL such as postgres://host");
  if (given.length === 1) return [{ ...only(first), url }];

  for (const name of ["host", "port", "target_session_attrs"]) parameters.delete(name);
  const rest = parameters.size === 0 ? path : `${path}?${parameters}`;
  const [one, ...others] = given.map(requireAddress).map((address) => {
    return { ...address, name: nameOf(address), url: `${beginning}${formatAddress(address)}${rest}` };
  });
  if (one === undefined) throw new Error("several hosts became none");
  const names = [one, ...others].map(({ name }) => name);
  if (new Set(names).size < names.length) throw new ConfigFault("must name each host once");
  return [one, ...others];
}

function requireWrites(attributes: string | null): void {
  if (attributes === null || withWrites.includes(attributes)) return;
  const advice = "leave it out, or use read-write: a server that takes writes is needed, and is looked for anyway";
  if (withoutWrites.includes(attributes)) throw new ConfigFault(`has target_session_attrs=${attributes}; ${advice}`);
  throw new ConfigFault(`has a target_session_attrs that PostgreSQL does not know; ${advice}`);
}

type Given = Readonly<{ host: string; port: string }>;

/** The parameters win over what is before the path, as in libpq. */
function readAddresses(authority: string, parameters: URLSearchParams): readonly Given[] {
  const hostParameter = parameters.get("host");
  const hosts = hostParameter ? hostParameter.split(",").map((host) => ({ host, port: "" })) : splitHosts(authority);
  const ports = parameters.get("port")?.split(",") ?? [];
  if (ports.length > 1 && ports.length !== hosts.length) {
    throw new ConfigFault("must have one port, or as many as hosts");
  }
  return hosts.map(({ host, port }, index) => ({ host, port: ports[index] ?? ports[0] ?? port }));
}

function splitHosts(authority: string): readonly Given[] {
  return authority.split(",").map((part) => {
    const [, bracketed, plain = "", port = ""] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(part) ?? [];
    return { host: bracketed ?? decode(plain), port };
  });
}

function decode(host: string): string {
  try {
    return decodeURIComponent(host);
  } catch {
    throw new ConfigFault("has a host that cannot be decoded: a % must be followed by two hexadecimal digits");
  }
}

/** How a URL with one host, or without any, is shown; whether it can be used is for the driver to say. */
function only({ host, port }: Given): Address & Pick<DatabaseServer, "name"> {
  const address = { host: host || "localhost", port: Number(port) || defaultPort };
  return { ...address, name: nameOf(address) };
}

function requireAddress({ host, port }: Given): Address {
  if (host === "") throw new ConfigFault("must have a host on each side of every comma");
  if (!(hostPattern.test(host) || isIPv6(host) || host.startsWith("/"))) {
    throw new ConfigFault("has a host that is neither a name, nor an address, nor the folder of a socket");
  }
  const isPort = port === "" || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= portMax);
  if (!isPort) throw new ConfigFault(`has a port that is no whole number from 1 to ${portMax}`);
  return { host, port: port === "" ? defaultPort : Number(port) };
}

function nameOf({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** As it stands in a URL, where the folder of a socket has no slashes. */
function formatAddress(address: Address): string {
  return nameOf(address.host.startsWith("/") ? { ...address, host: encodeURIComponent(address.host) } : address);
}
