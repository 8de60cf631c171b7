// How the shop calls its payment provider.
import { BadRequest, type Fields, fetchJson, readFields } from "./http.ts";

/** When the buyer of the fake provider pays. A real shop sends the buyer to the provider's page instead. */
export const behaviours = ["in-time", "twice", "late", "never", "declined"] as const;
export type Behaviour = (typeof behaviours)[number];

export type Money = Readonly<{ amount: number; currency: string }>;

/** A payment, as the provider answers it. */
export type Payment = Readonly<{
  id: string;
  /** The order that it pays for. */
  orderId: string;
  price: Money;
  status: "open" | "paid" | "declined";
  refundedAmount: number;
}>;

export type Payments = Readonly<{
  /** Creates the payment of an order; again for the same order: the same payment. */
  create: (orderId: string, price: Money, behaviour: Behaviour) => Promise<Payment>;
  get: (id: string) => Promise<Payment>;
  /** Pays back all but an amount. Again, with the same amount or a higher one, it pays nothing. */
  keepOnly: (id: string, keptAmount: number) => Promise<Payment>;
}>;

export function createPayments(providerUrl: string): Payments {
  return {
    create: async (orderId, price, behaviour) =>
      readPayment(await fetchJson("POST", `${providerUrl}/payments`, { orderId, price, behaviour })),
    get: async (id) => readPayment(await fetchJson("GET", `${providerUrl}/payments/${encodeURIComponent(id)}`)),
    keepOnly: async (id, keptAmount) =>
      readPayment(await fetchJson("POST", `${providerUrl}/payments/${encodeURIComponent(id)}/refund`, { keptAmount })),
  };
}

function readPayment({ id, orderId, price, status, refundedAmount }: Fields): Payment {
  const isStatus = status === "open" || status === "paid" || status === "declined";
  if (typeof id === "string" && typeof orderId === "string" && typeof refundedAmount === "number" && isStatus) {
    return { id, orderId, price: readPrice(price), status, refundedAmount };
  }
  throw new BadRequest("The provider answered something else than a payment.");
}

export function readPrice(price: unknown): Money {
  const { amount, currency } = readFields(price);
  if (typeof amount === "number" && typeof currency === "string") return { amount, currency };
  throw new BadRequest("A price has an amount and a currency.");
}

export function readBehaviour(behaviour: unknown = "in-time"): Behaviour {
  const found = behaviours.find((known) => known === behaviour);
  if (found !== undefined) return found;
  throw new BadRequest(`The payment must be one of: ${behaviours.join(", ")}.`);
}
