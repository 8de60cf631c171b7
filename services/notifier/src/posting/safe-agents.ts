// Connections to receivers. A name is resolved once, all its addresses are checked, and the connection goes to one of
// them: a name that resolves to another address a moment later (DNS rebinding) gains nothing. A connection that is kept
// for the next delivery stays at the address that was checked.
import { lookup, Resolver } from "node:dns/promises";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import { isAllowedAddress } from "@onsale/security/webhook-address";

/** Resolves a name to its addresses. */
export type Resolve = (hostname: string) => Promise<readonly Readonly<{ address: string; family: number }>[]>;

/** Nothing was sent, because webhooks may not be sent to this address. Its message is for the operator only. */
export class RefusedAddressError extends Error {
  constructor(address: string) {
    super(`${address} is not an address that webhooks may be sent to`);
    this.name = "RefusedAddressError";
  }
}

/** The name is known, but has no address. */
export class NoAddressError extends Error {
  readonly code = "ENODATA";

  constructor(hostname: string) {
    super(`${hostname} has no address`);
    this.name = "NoAddressError";
  }
}

const idleConnectionMs = 4_000;
const idleConnectionCountMax = 256;

/** The usual way to resolve the names of receivers. */
export function usualResolve(allowPrivate: boolean): Resolve {
  return allowPrivate ? resolveLocally : resolveInDns();
}

/** As this machine resolves names; also those that only its own files and network know. */
const resolveLocally: Resolve = (hostname) => lookup(hostname, { all: true });

const queryMaxMs = 1_500;
const queryCountMax = 2;

/**
 * Asks the DNS. `lookup` would occupy one of the process's four threads until there is an answer: four names whose
 * servers never answer would delay the names of all other accounts.
 *
 * @param servers instead of those that this machine uses
 */
export function resolveInDns(servers?: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: queryMaxMs, tries: queryCountMax });
  if (servers !== undefined) resolver.setServers(servers);
  return async (hostname) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = [
      ...(v4.status === "fulfilled" ? v4.value.map((address) => ({ address, family: 4 })) : []),
      ...(v6.status === "fulfilled" ? v6.value.map((address) => ({ address, family: 6 })) : []),
    ];
    if (found.length === 0 && v4.status === "rejected") throw v4.reason;
    return found;
  };
}

/** One agent for each scheme. */
export type SafeAgents = Readonly<{ http: HttpAgent; https: HttpsAgent }>;

export type SafeAgentsOptions = Readonly<{
  allowPrivate: boolean;
  resolve: Resolve;
  /** Whether connections are kept for the next delivery. */
  keepAlive: boolean;
}>;

export function createSafeAgents({ allowPrivate, resolve, keepAlive }: SafeAgentsOptions): SafeAgents {
  const checkedLookup: LookupFunction = (hostname, options, callback) => {
    resolveChecked(hostname, allowPrivate, resolve).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true || first === undefined) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, []),
    );
  };
  const options = {
    keepAlive,
    maxFreeSockets: idleConnectionCountMax,
    timeout: idleConnectionMs,
    lookup: checkedLookup,
  };
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
}

async function resolveChecked(hostname: string, allowPrivate: boolean, resolve: Resolve) {
  const addresses = await resolve(hostname);
  if (addresses.length === 0) throw new NoAddressError(hostname);
  const refused = addresses.find(({ address }) => !isAllowedAddress(address, allowPrivate));
  if (refused !== undefined) throw new RefusedAddressError(refused.address);
  return addresses;
}
