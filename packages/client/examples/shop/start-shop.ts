// Starts what a shop consists of: the event, the payment provider, the shop's own server, and its webhook endpoint.
import { once } from "node:events";
import { type Client, createWebhook, deleteWebhook, NetworkError, watchOrder } from "@onsale/client";
import { startFakeProvider } from "./fake-provider.ts";
import { type Answer, type Received, serve } from "./http.ts";
import type { Shop } from "./parts.ts";
import { createPayments } from "./payments.ts";

/** What differs between one shop and another. */
export type ShopPlan = Readonly<{
  eventCode: string;
  /** For how long buyers may take to pay, unless HOLD_SECONDS says so. */
  holdSeconds: number;
  /** Creates the event, unless it exists. */
  prepare: (client: Client) => Promise<void>;
  /** Makes what answers the requests; the signal aborts when the shop closes. */
  open: (shop: Shop, closing: AbortSignal) => Promise<(received: Received) => Promise<Answer>>;
  /** What to print when the shop is open. */
  greet: (shopUrl: string, providerUrl: string) => string;
}>;

const baseUrl = (process.env.ONSALE_URL ?? "http://127.0.0.1:8080").replace(/\/+$/, "");
/** Needs the scopes events:write, orders:write, orders:read and webhooks:manage, where Onsale requires keys. */
const apiKey = process.env.ONSALE_API_KEY;
const client: Client = { baseUrl, ...(apiKey === undefined ? {} : { apiKey }) };

/** Runs a shop until the process is asked to end. */
export async function runShop(plan: ShopPlan): Promise<void> {
  try {
    await plan.prepare(client);
    await sellUntilAskedToEnd(plan);
  } catch (error) {
    console.error(describe(error));
    process.exitCode = 1;
  }
}

async function sellUntilAskedToEnd({ eventCode, holdSeconds, open, greet }: ShopPlan): Promise<void> {
  const closing = new AbortController();
  // What is open keeps the process running, also after an error: each part is followed by how it is closed.
  const closers = [() => closing.abort()];
  let shopUrl = "";
  let secret = "";
  try {
    const provider = await startFakeProvider({
      port: Number(process.env.PROVIDER_PORT ?? 8091),
      callbackUrl: () => `${shopUrl}/payments`,
      untilTooLate,
    });
    closers.push(provider.close);
    const shop: Shop = {
      client,
      payments: createPayments(provider.url),
      eventCode,
      holdSeconds: Number(process.env.HOLD_SECONDS ?? holdSeconds),
      secret: () => secret,
      log: console.log,
    };
    const server = await serve(Number(process.env.PORT ?? 8090), await open(shop, closing.signal));
    closers.push(server.close);
    shopUrl = server.url;
    const endpoint = await registerWebhook(eventCode, shopUrl);
    secret = endpoint.secret;
    console.log(greet(server.url, provider.url));
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    closing.abort();
    await deleteWebhook(client, endpoint.id);
  } finally {
    for (const close of closers.toReversed()) close();
  }
}

/** Resolves when the order's hold has expired, or it was decided otherwise. */
async function untilTooLate(orderId: string): Promise<void> {
  for await (const { status } of watchOrder(client, orderId)) if (status === "EXPIRED") return;
}

/** A real shop registers its endpoint once, and keeps its secret among its settings. */
function registerWebhook(eventCode: string, shopUrl: string) {
  const events = ["order.expired", "order.cancelled", "order.refund_required"] as const;
  return createWebhook(client, { url: `${shopUrl}/hooks/onsale`, events, eventCode });
}

function describe(error: unknown): string {
  if (error instanceof NetworkError) {
    return `Nothing answers at ${baseUrl}. Start Onsale first, in another terminal: npm start`;
  }
  return `${error instanceof Error ? error.message : error} (${baseUrl})`;
}
