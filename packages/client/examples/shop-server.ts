// `npm run shop-server`: the back end of a shop, with a fake payment provider. shop/README.md walks through it.
import { once } from "node:events";
import { createEvent, ProblemError, watchOrder } from "@onsale/client";
import { startFakeProvider } from "./shop/fake-provider.ts";
import { fetchJson, serve } from "./shop/http.ts";
import { createPayments } from "./shop/payments.ts";
import { handle } from "./shop/shop.ts";

const baseUrl = process.env.ONSALE_URL ?? "http://127.0.0.1:8080";
/** Needs the scopes events:write, orders:write, orders:read and webhooks:manage, where Onsale requires keys. */
const apiKey = process.env.ONSALE_API_KEY;
const eventCode = process.env.EVENT ?? "EVNT-SHOP";
const client = { baseUrl, ...(apiKey === undefined ? {} : { apiKey }) };
const webhooks = `${baseUrl}/api/v1/webhooks`;
const authorization: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
let secret = "";

/** Creates the event, unless it exists. */
async function createShow(): Promise<void> {
  const price = (amount: number) => ({ amount, currency: "EUR" });
  const ticketTypes = [
    { ticketType: "STANDARD", total: 20, price: price(4_500) },
    { ticketType: "VIP", total: 4, price: price(12_000) },
  ];
  const times = { startTime: "2030-05-01T19:00:00Z", endTime: "2030-05-01T22:00:00Z" };
  try {
    await createEvent(client, { code: eventCode, name: "A show of the shop", ...times, ticketTypes });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== "event-exists") throw error;
  }
}

/** Resolves when the order's hold has expired, or it was decided otherwise. */
async function untilTooLate(orderId: string): Promise<void> {
  for await (const { status } of watchOrder(client, orderId)) if (status === "EXPIRED") return;
}

/** A real shop registers its endpoint once, and keeps its secret among its settings. */
async function registerWebhook(shopUrl: string) {
  const events = ["order.expired", "order.cancelled", "order.refund_required"];
  const endpoint = { url: `${shopUrl}/hooks/onsale`, events, eventCode };
  return fetchJson("POST", webhooks, endpoint, authorization);
}

try {
  await createShow();
  let shopUrl = "";
  const provider = await startFakeProvider({
    port: Number(process.env.PROVIDER_PORT ?? 8091),
    callbackUrl: () => `${shopUrl}/payments`,
    untilTooLate,
  });
  const shop = {
    client,
    payments: createPayments(provider.url),
    eventCode,
    holdSeconds: Number(process.env.HOLD_SECONDS ?? 30),
    secret: () => secret,
    log: console.log,
  };
  const server = await serve(Number(process.env.PORT ?? 8090), (received) => handle(shop, received));
  shopUrl = server.url;
  const endpoint = await registerWebhook(shopUrl);
  secret = String(endpoint.secret);
  console.log(`The shop sells ${eventCode} at ${server.url}; the payment provider is at ${provider.url}.`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await fetchJson("DELETE", `${webhooks}/${endpoint.id}`, undefined, authorization);
  server.close();
  provider.close();
} catch (error) {
  const cause = error instanceof Error && error.cause !== undefined ? " Is Onsale running? npm start" : "";
  console.error(`${error instanceof Error ? error.message : error} (${baseUrl}).${cause}`);
  process.exitCode = 1;
}
