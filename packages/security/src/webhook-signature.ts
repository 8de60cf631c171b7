// Signs webhooks by the Standard Webhooks specification.
import { createHmac } from "node:crypto";

/** A message that is signed and sent. */
export type SignedMessage = Readonly<{
  /** The `webhook-id`. */
  id: string;
  /** The time of this attempt, in whole seconds since 1970. */
  timestamp: number;
  body: string;
}>;

/**
 * Builds the headers of a webhook by the Standard Webhooks specification (https://www.standardwebhooks.com).
 *
 * @param secrets `whsec_...`; several while a secret is rotated, with one signature each
 */
export function webhookHeaders({ id, timestamp, body }: SignedMessage, secrets: readonly string[]) {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(secret.indexOf("_") + 1), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signatures.join(" "),
  };
}
