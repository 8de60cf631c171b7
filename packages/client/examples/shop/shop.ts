// The shop's back end, as far as it needs no browser. It keeps no state that could be lost with its process: the order
// knows its payment, and the payment its order. Whatever arrives here is safe to repeat, and is repeated by whoever
// sends it until the answer is 2xx: the browser with the checkout's key, the provider with its callbacks, Onsale with
// its webhooks.
import { getOrder, ProblemError } from "@onsale/client";
import { checkout } from "./checkout.ts";
import type { Answer, Received } from "./http.ts";
import { onPayment } from "./on-payment.ts";
import { onWebhook } from "./on-webhook.ts";
import type { Shop } from "./parts.ts";

/** Answers `npm run shop-server`: checkouts without a page, the payment provider, and Onsale. */
export async function handle(shop: Shop, received: Received): Promise<Answer> {
  try {
    return (await handleCallback(shop, received)) ?? (await route(shop, received));
  } catch (error) {
    // Such as sold out, or a ticket type that does not exist.
    if (!(error instanceof ProblemError) || error.status >= 500) throw error;
    return { status: error.status, body: { error: error.problem.detail } };
  }
}

/** Answers the payment provider and Onsale; undefined when neither of them asks. */
export async function handleCallback(shop: Shop, received: Received): Promise<Answer | undefined> {
  switch (`${received.method} ${received.path.join("/")}`) {
    case "POST payments":
      return onPayment(shop, received.body);
    case "POST hooks/onsale":
      return onWebhook(shop, received);
  }
  return undefined;
}

async function route(shop: Shop, { method, path, body }: Received): Promise<Answer> {
  if (method === "POST" && path.join("/") === "checkout") return checkout(shop, body);
  const [root, id, ...others] = path;
  if (method !== "GET" || root !== "orders" || id === undefined || others.length > 0) return { status: 404 };
  const { status, items, total, expiresAt } = await getOrder(shop.client, id);
  return { status: 200, body: { status, items, total, expiresAt } };
}
