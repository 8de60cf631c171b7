// `npm run receiver`, to see webhooks arrive: starts a server on this machine, registers it with a running Onsale,
// prints each webhook, and deletes the registration on Ctrl-C. Begin your own receiver with webhook-server.ts.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { styleText } from "node:util";
import {
  createWebhook,
  deleteWebhook,
  NetworkError,
  pingWebhook,
  verifyWebhook,
  type WebhookEvent,
  WebhookVerificationError,
} from "@onsale/client";

const client = {
  baseUrl: process.env.ONSALE_URL ?? "http://127.0.0.1:8080",
  // Where Onsale requires keys, it needs the scope webhooks:manage.
  ...(process.env.ONSALE_API_KEY === undefined ? {} : { apiKey: process.env.ONSALE_API_KEY }),
};
const events = [
  "order.held",
  "order.confirmed",
  "order.rejected",
  "order.expired",
  "order.cancelled",
  "order.refund_required",
] as const;
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

server.listen(Number(process.env.PORT ?? 0), "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
const url = `http://127.0.0.1:${port}/hooks`;
try {
  const endpoint = await createWebhook(client, { url, events });
  secret = endpoint.secret;
  console.log(`Listening at ${url}, registered with ${client.baseUrl}. Buy something; Ctrl-C ends it.`);
  await pingWebhook(client, endpoint.id);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await deleteWebhook(client, endpoint.id);
} catch (error) {
  const hint = error instanceof NetworkError ? " Is it running? npm start" : "";
  console.error(`${error instanceof Error ? error.message : error} (${client.baseUrl}).${hint}`);
  process.exitCode = 1;
}
server.close();
server.closeAllConnections();
