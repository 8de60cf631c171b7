// Connections to receivers. A name is resolved once, all its addresses are checked, and the connection goes to one of
// them: a name that resolves to another address a moment later (DNS rebinding) gains nothing. A connection that is kept
// for the next delivery stays at the address that was checked.
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import type { Resolve } from "@onsale/security/resolve-names";
import { isAllowedAddress } from "@onsale/security/webhook-address";

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
