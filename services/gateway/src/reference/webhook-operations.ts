// The `webhooks` of the OpenAPI document: what Onsale posts to an endpoint.
import { type DeliveryType, deliveryTypes } from "@onsale/contracts/webhook";
import type { OpenApiDocument, Operation, Parameter } from "./complete-document.ts";
import { deliveryId } from "./examples/ids.ts";
import { only } from "./examples/operation-examples.ts";
import { examplePayload } from "./examples/webhooks.ts";

const meanings: Readonly<Record<DeliveryType, string>> = {
  "order.held": "An order holds its tickets until it is paid",
  "order.confirmed": "An order has its tickets for good",
  "order.rejected": "An order got no tickets",
  "order.expired": "A hold ended without a payment",
  "order.cancelled": "Tickets of an order were given back",
  "order.refund_required": "A payment has to be paid back",
  "order.waitlisted": "An order waits for tickets that come back",
  "order.offered": "An order that waited holds tickets",
  "webhook.ping": "A test that somebody asked for",
};

const signing: readonly Parameter[] = [
  header("webhook-id", "The delivery's id, the same in every attempt: remember it, and do nothing twice.", deliveryId),
  header("webhook-timestamp", "When the attempt was signed, in seconds since 1970.", "1796115600"),
  header(
    "webhook-signature",
    "`v1,` and the Base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`; two while a secret is rotated.",
    "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
  ),
];

function header(name: string, description: string, example: string): Parameter {
  return { in: "header", name, required: true, description, schema: { type: "string" }, example };
}

/** By type: the operation that a receiver implements. */
export const webhooks: OpenApiDocument["webhooks"] = Object.fromEntries(
  deliveryTypes.map((type) => [type, { post: operationOf(type) }]),
);

function operationOf(type: DeliveryType): Operation {
  const schema = { $ref: "#/components/schemas/WebhookPayload" };
  return {
    operationId: nameOf(type),
    summary: meanings[type],
    description: "Signed as Standard Webhooks say. Verify the signature before you read the body.",
    tags: ["webhooks"],
    parameters: signing,
    requestBody: {
      required: true,
      content: { "application/json": { schema, examples: only(meanings[type], examplePayload(type)) } },
    },
    responses: {
      "2XX": { description: "Received. Every other answer, and none within 15 s, is a failed attempt." },
      "410": { description: "Stop: the endpoint is disabled." },
    },
    security: [],
  };
}

/** Such as `onOrderRefundRequired`. */
function nameOf(type: DeliveryType): string {
  return `on${type.replaceAll(/(?:^|[._])(\w)/g, (_match, letter: string) => letter.toUpperCase())}`;
}
