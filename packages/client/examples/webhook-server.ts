import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { verifyWebhook, WebhookVerificationError } from "@onsale/client";

// One secret, or two while you replace one by another.
const secrets = (process.env.WEBHOOK_SECRETS ?? "").split(" ");
const port = Number(process.env.PORT ?? 8090);

const server = createServer(async (request, response) => {
  try {
    // The bytes as they arrived: a body that was parsed and serialised again has another signature.
    const event = await verifyWebhook(request.headers, await buffer(request), secrets);
    if (event.type === "order.confirmed") console.log(`Order ${event.data.order.id} is confirmed.`);
    if (event.type === "order.refund_required") console.log(`Pay ${event.data.paymentReference} back.`);
    response.writeHead(204).end();
  } catch (error) {
    response.writeHead(error instanceof WebhookVerificationError ? 400 : 500).end();
  }
});
server.listen(port, "127.0.0.1", () => console.log(`Ready for webhooks at http://127.0.0.1:${port}`));
