// Resolves the names of webhook receivers, in the same way where their URLs are registered and where they are posted
// to.
import { lookup, Resolver } from "node:dns/promises";

/** Resolves a name to its addresses. */
export type Resolve = (hostname: string) => Promise<readonly Readonly<{ address: string; family: number }>[]>;

/**
 * The usual way to resolve the names of receivers.
 *
 * @param allowPrivate whether webhooks may be sent to private networks: then also names that only this machine's own
 *   files and network know
 */
export function usualResolve(allowPrivate: boolean): Resolve {
  return allowPrivate ? resolveLocally : resolveInDns();
}

const resolveLocally: Resolve = (hostname) => lookup(hostname, { all: true });

const queryMaxMs = 1_500;
const queryCountMax = 2;

/**
 * Asks the DNS. `lookup` would occupy one of the process's four threads until there is an answer: four names whose
 * servers never answer would delay the names of all other accounts.
 *
 * @param servers instead of those that this machine uses
 * @returns a function that throws the error of the DNS, such as ENOTFOUND, when it has no address to return
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
