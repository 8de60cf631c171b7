// Buys: holds the tickets, then begins the payment. `POST /checkout` does both at once, the page one after the other.
import { type Line, type Order, purchase } from "@onsale/client";
import { type Answer, parseJson } from "./http.ts";
import type { Shop } from "./parts.ts";
import { type Behaviour, Checkout, type Payment, read } from "./schemas.ts";

/** What to hold, and the key that makes it one order however often it is asked for. */
export type HoldRequest = Readonly<{
  key: string;
  items: readonly Line[];
  customerRef?: string;
  accessCode?: string;
  /** Waits for tickets that come back, instead of being refused as sold out. */
  waitlist?: boolean;
  /** How long to wait for the decision; the SDK's default otherwise. */
  deadlineMs?: number;
}>;

/** Holds tickets; an order that is still PENDING will be decided, and can be watched. */
export function holdTickets({ client, eventCode, holdSeconds }: Shop, request: HoldRequest): Promise<Order> {
  const { key, items, customerRef, accessCode, waitlist, deadlineMs } = request;
  const wanted = { eventCode, items, customerRef, accessCode, waitlist, holdSeconds };
  return purchase(client, wanted, { idempotencyKey: key, deadlineMs });
}

/** Begins the payment of an order; again for the same order: the same payment. */
export async function beginPayment(
  { payments, eventCode, log }: Shop,
  { id, status, total }: Order,
  behaviour: Behaviour,
): Promise<Payment> {
  if (total === undefined) throw new Error(`The tickets of ${eventCode} have no price.`);
  const payment = await payments.create(id, total, behaviour);
  log(`${id}: ${status}, to be paid ${behaviour}`);
  return payment;
}

export async function checkout(shop: Shop, body: Uint8Array): Promise<Answer> {
  const { payment: behaviour = "in-time", ...request } = read(Checkout, parseJson(body));
  const order = await holdTickets(shop, request);
  if (order.status === "PENDING") return { status: 503, body: { error: "Please try again with the same key." } };
  if (order.status !== "HELD" && order.status !== "CONFIRMED") {
    return { status: 409, body: { error: order.reason?.detail ?? "The time to pay is over. Please begin again." } };
  }
  const { id: paymentId } = await beginPayment(shop, order, behaviour);
  const { id: orderId, total, expiresAt } = order;
  return { status: 200, body: { orderId, paymentId, total, expiresAt } };
}
