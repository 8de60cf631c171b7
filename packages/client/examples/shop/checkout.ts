// `POST /checkout`: holds the tickets, and begins the payment.
import { type Line, purchase } from "@onsale/client";
import { type Answer, BadRequest, readFields, readJson } from "./http.ts";
import type { Shop } from "./parts.ts";
import { readBehaviour } from "./payments.ts";

/** The browser makes `key`, and repeats the checkout with it when there was no answer. */
export async function checkout(shop: Shop, body: Uint8Array): Promise<Answer> {
  const { client, payments, eventCode, holdSeconds, log } = shop;
  const { key, items, payment } = readJson(body);
  if (typeof key !== "string") throw new BadRequest("A checkout has a key.");
  const behaviour = readBehaviour(payment);
  const request = { eventCode, items: readLines(items), holdSeconds };
  const order = await purchase(client, request, { idempotencyKey: key });
  if (order.status === "PENDING") return { status: 503, body: { error: "Please try again with the same key." } };
  if (order.status !== "HELD" && order.status !== "CONFIRMED") {
    return { status: 409, body: { error: order.reason?.detail ?? "The time to pay is over. Please begin again." } };
  }
  const { id: orderId, total, expiresAt } = order;
  if (total === undefined) throw new Error(`The tickets of ${eventCode} have no price.`);
  const { id: paymentId } = await payments.create(orderId, total, behaviour);
  log(`${orderId}: ${order.status}, to be paid ${behaviour}`);
  return { status: 200, body: { orderId, paymentId, total, expiresAt } };
}

function readLines(items: unknown): Line[] {
  if (!Array.isArray(items)) throw new BadRequest("A checkout has items.");
  return items.map((item) => {
    const { ticketType, quantity } = readFields(item);
    return { ticketType: String(ticketType), quantity: Number(quantity) };
  });
}
