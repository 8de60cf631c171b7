// How the shop calls its payment provider.
import { fetchJson } from "./http.ts";
import { type Behaviour, type Money, Payment, read } from "./schemas.ts";

export type Payments = Readonly<{
  /** Creates the payment of an order; again for the same order: the same payment. */
  create: (orderId: string, price: Money, behaviour: Behaviour) => Promise<Payment>;
  get: (id: string) => Promise<Payment>;
  /** Null when there is no such payment. */
  find: (id: string) => Promise<Payment | null>;
  /** Pays back all but an amount. Again, with the same amount or a higher one, it pays nothing. */
  keepOnly: (id: string, keptAmount: number) => Promise<Payment>;
}>;

export function createPayments(providerUrl: string): Payments {
  const urlOf = (id: string) => `${providerUrl}/payments/${encodeURIComponent(id)}`;
  return {
    create: async (orderId, price, behaviour) =>
      read(Payment, await fetchJson("POST", `${providerUrl}/payments`, { orderId, price, behaviour })),
    get: async (id) => read(Payment, await fetchJson("GET", urlOf(id))),
    find: async (id) => {
      const found = await fetchJson("GET", `${urlOf(id)}/status`);
      return found === undefined ? null : read(Payment, found);
    },
    keepOnly: async (id, keptAmount) => read(Payment, await fetchJson("POST", `${urlOf(id)}/refund`, { keptAmount })),
  };
}

/** An order has one payment; the provider's id of it can be told from the order's. */
export const paymentIdOf = (orderId: string) => `pay_${orderId}`;
