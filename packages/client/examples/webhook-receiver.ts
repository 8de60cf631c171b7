// `npm run receiver`, to see webhooks arrive: starts a server on this machine, registers it with a running Onsale,
// prints each webhook, and deletes the registration on Ctrl-C. Begin your own receiver with webhook-server.ts.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { styleText } from "node:util";
import { verifyWebhook, type WebhookEvent, WebhookVerificationError } from "@onsale/client";

const onsaleUrl = process.env.ONSALE_URL ?? "http://127.0.0.1:8080";
/** Needs the scope webhooks:manage, where Onsale requires keys. */
const apiKey = process.env.ONSALE_API_KEY;
const webhooks = `${onsaleUrl}/api/v1/webhooks`;
const events = [
  "order.held",
  "order.confirmed",
  "order.rejected",
  "order.expired",
  "order.cancelled",
  "order.refund_required",
];
const seen = new Set<string>();
let secret = "";

const server = createServer(async (request, response) => {
  try {
    const event = await verifyWebhook(request.headers, await buffer(request), [secret]);
    response.writeHead(204).end();
    show(event, String(request.headers["webhook-id"]));
  } catch (error) {
    response.writeHead(error instanceof WebhookVerificationError ? 400 : 500).end();
    console.log(styleText("red", `refused: ${error instanceof Error ? error.message : error}`));
  }
});

function show(event: WebhookEvent, id: string): void {
  const again = seen.has(id) ? styleText("yellow", " (again)") : "";
  seen.add(id);
  if (event.type === "webhook.ping" || event.type === "unknown") {
    console.log(`${styleText("cyan", event.type)}${again}`);
    return;
  }
  const { order } = event.data;
  const type = styleText(event.type === "order.confirmed" ? "green" : "magenta", event.type);
  const tickets = (event.type === "order.cancelled" ? event.data.cancelledItems : order.items)
    .map(({ quantity, ticketType }) => `${quantity} ${ticketType}`)
    .join(", ");
  const payment = event.type === "order.refund_required" ? `, payment ${event.data.paymentReference}` : "";
  const why = order.reason === null ? "" : `: ${order.reason.detail}`;
  console.log(`${type}${again} ${order.eventCode} ${tickets}, order ${order.id}${payment}${why}`);
}

async function call(method: string, url: string, body?: unknown): Promise<Record<string, unknown>> {
  const authorization = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const json = body === undefined ? {} : { "content-type": "application/json" };
  const headers = { ...authorization, ...json };
  const response = await fetch(
    url,
    body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) },
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}: ${text}`);
  return text === "" ? {} : JSON.parse(text);
}

server.listen(Number(process.env.PORT ?? 0), "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
const url = `http://127.0.0.1:${port}/hooks`;
try {
  const endpoint = await call("POST", webhooks, { url, events });
  secret = String(endpoint.secret);
  console.log(`Listening at ${url}, registered with ${onsaleUrl}. Buy something; Ctrl-C ends it.`);
  await call("POST", `${webhooks}/${endpoint.id}/ping`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await call("DELETE", `${webhooks}/${endpoint.id}`);
} catch (error) {
  const cause = error instanceof Error && error.cause !== undefined ? " Is it running? npm start" : "";
  console.error(`${error instanceof Error ? error.message : error} (${webhooks}).${cause}`);
  process.exitCode = 1;
}
server.close();
server.closeAllConnections();
