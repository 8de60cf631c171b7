// What a browser may do with the orders of its own session: the paths of Onsale's API, so that the page uses the SDK.
import { cancel, getOrder, history, type Order, watchOrder } from "@onsale/client";
import { beginPayment, holdTickets } from "../checkout.ts";
import { type Answer, parseJson, type Received } from "../http.ts";
import type { Shop } from "../parts.ts";
import { paymentIdOf } from "../payments.ts";
import { Cancellation, KeyHeader, NewPayment, Purchase, read } from "../schemas.ts";
import type { GuessLimit, StreamPlaces } from "./limits.ts";
import { problemAnswer } from "./problems.ts";
import type { Sessions } from "./sessions.ts";

/** What the routes of orders need. */
export type OrderParts = Readonly<{
  shop: Shop;
  sessions: Sessions;
  limitGuesses: GuessLimit;
  orderPlaces: StreamPlaces;
}>;

/** How long a request waits for Onsale. The page repeats what is not certain by then, and shows meanwhile why. */
const deadlineMs = 2_500;
/** What a stream without a place tells the page: to come back later. */
const comeBack = "retry: 5000\n\n";

/** Answers a request for `/api/v1/orders/...`; `path` is what follows. */
export async function handleOrders(parts: OrderParts, received: Received, session: string): Promise<Answer> {
  const { shop, sessions } = parts;
  const { method, path } = received;
  const [, , , first = "", action = "", ...others] = path;
  if (method === "POST" && first === "purchase" && action === "") return buy(parts, received, session);
  const id = sessions.unseal(session, first);
  if (id === undefined || others.length > 0) {
    return problemAnswer(404, "order-not-found", "This browser has no such order.");
  }
  switch (`${method} ${action}`) {
    case "GET ":
      return { status: 200, body: toBuyer(parts, session, await getOrder(shop.client, id)) };
    case "GET history":
      return { status: 200, body: await readHistory(shop, id) };
    case "GET stream":
      return stream(parts, session, id);
    case "POST cancel":
      return cancelTickets(parts, received, session, id);
    case "POST payment":
      return pay(shop, received, id);
    case "GET payment":
      return { status: 200, body: await readPayment(shop, id) };
  }
  return { status: 404 };
}

/** The order as the buyer's browser knows it. */
function toBuyer({ sessions }: OrderParts, session: string, order: Order): Order {
  return { ...order, id: sessions.seal(session, order.id) };
}

/** Holds tickets. The key has the session in it, so that nobody else's key finds this order. */
async function buy(parts: OrderParts, { headers, body, address }: Received, session: string): Promise<Answer> {
  const { shop, limitGuesses } = parts;
  const { "idempotency-key": browserKey } = read(KeyHeader, headers);
  const { eventCode, ...request } = read(Purchase, parseJson(body));
  if (eventCode !== shop.eventCode) return problemAnswer(404, "event-not-found", "This shop sells another event.");
  const { accessCode } = request;
  const call = () => holdTickets(shop, { ...request, key: `shop:${session}:${browserKey}`, deadlineMs });
  const order = await limitGuesses({ address, accessCode, call });
  if (order === "too-many") return tooManyGuesses();
  shop.log(`${order.id}: ${order.status}`);
  return { status: order.status === "PENDING" ? 202 : 200, body: toBuyer(parts, session, order) };
}

/** The answer to who has named too many wrong access codes. */
export function tooManyGuesses(): Answer {
  return problemAnswer(429, "rate-limited", "Too many wrong access codes. Try again in a minute.", 60_000);
}

/** Who changed the order is the organiser's business. */
async function readHistory({ client }: Shop, id: string) {
  return (await history(client, id)).map((transition) => ({ ...transition, actor: "" }));
}

function stream(parts: OrderParts, session: string, id: string): Answer {
  const headers = { "content-type": "text/event-stream; charset=utf-8" };
  return {
    status: 200,
    headers,
    stream: async function* (gone) {
      const release = parts.orderPlaces(session);
      if (release === undefined) return yield comeBack;
      try {
        for await (const order of watchOrder(parts.shop.client, id, { signal: gone })) {
          yield `id: ${order.version}\nevent: order\ndata: ${JSON.stringify(toBuyer(parts, session, order))}\n\n`;
        }
      } finally {
        release();
      }
    },
  };
}

async function cancelTickets(
  parts: OrderParts,
  { headers, body }: Received,
  session: string,
  id: string,
): Promise<Answer> {
  const { "idempotency-key": idempotencyKey } = read(KeyHeader, headers);
  const { items } = read(Cancellation, body.length === 0 ? {} : parseJson(body));
  const reason = "The buyer gave the tickets back.";
  const order = await cancel(parts.shop.client, id, { items, idempotencyKey, deadlineMs, reason });
  return { status: 200, body: toBuyer(parts, session, order) };
}

/** A second click begins no second payment: an order has one. */
async function pay(shop: Shop, { body }: Received, id: string): Promise<Answer> {
  const { behaviour } = read(NewPayment, parseJson(body));
  const order = await getOrder(shop.client, id);
  if (order.status !== "HELD") {
    return problemAnswer(409, "order-not-held", `The order cannot be paid: it is ${order.status}.`);
  }
  return { status: 200, body: toReceipt(await beginPayment(shop, order, behaviour)) };
}

/** Null while nobody has begun to pay. */
async function readPayment({ payments }: Shop, id: string) {
  const payment = await payments.find(paymentIdOf(id));
  return payment === null ? null : toReceipt(payment);
}

function toReceipt({ status, price, refundedAmount }: { status: string; price: object; refundedAmount: number }) {
  return { status, price, refundedAmount };
}
