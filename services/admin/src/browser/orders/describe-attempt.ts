// What an attempt to deliver a webhook came to, in words.
import type { DeliveryLine } from "../../console/messages/messages.ts";

type Attempt = DeliveryLine["attempts"][number];

/** The results of docs/webhooks.md, in words. */
const results: Readonly<Record<string, string>> = {
  delivered: "delivered",
  "http-error": "the receiver answered with an error",
  redirect: "the receiver answered with a redirect, which is not followed",
  gone: "the receiver answered that it is gone",
  timeout: "the receiver took too long",
  "network-error": "the receiver could not be reached",
  refused: "its address is not allowed, so nothing was sent",
  "internal-error": "the endpoint's secret cannot be read, so nothing was sent",
};

/** What an attempt came to. */
export function describeResult({ result }: Pick<Attempt, "result">): string {
  return results[result] ?? result;
}
