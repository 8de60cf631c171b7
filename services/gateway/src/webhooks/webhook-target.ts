// Refuses webhook URLs that are not allowed, such as those of private networks.
import { isIP } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type Resolve, usualResolve } from "@onsale/security/resolve-names";
import { checkWebhookUrl, hostOf, isAllowedAddress } from "@onsale/security/webhook-address";
import { ProblemError } from "../http/problem-error.ts";

const resolveMaxMs = 2_000;

/**
 * Checks a webhook endpoint's URL, and the addresses that its host has now. A host that cannot be resolved is accepted,
 * because every attempt checks the URL again.
 *
 * @returns the URL in its normal form
 * @throws ProblemError `webhook-url-refused`
 */
export type RequireWebhookTarget = (text: string) => Promise<string>;

export function createTargetCheck(
  allowPrivate: boolean,
  resolve: Resolve = usualResolve(allowPrivate),
): RequireWebhookTarget {
  async function resolveBriefly(host: string): Promise<string[]> {
    // `checkWebhookUrl` has checked an address.
    if (isIP(host) !== 0) return [];
    const resolving = resolve(host).then((found) => found.map(({ address }) => address));
    return Promise.race([resolving.catch(() => []), delay(resolveMaxMs, [], { ref: false })]);
  }

  return async (text) => {
    const checked = checkWebhookUrl(text, allowPrivate);
    if (!checked.ok) throw refusal(checked.detail);
    const addresses = await resolveBriefly(hostOf(checked.url));
    if (!addresses.every((address) => isAllowedAddress(address, allowPrivate))) {
      throw refusal("must be a host whose addresses are all public");
    }
    return checked.url.href;
  };
}

function refusal(detail: string): ProblemError {
  return new ProblemError("webhook-url-refused", `The url ${detail}.`, { faults: [{ pointer: "/url", detail }] });
}
