// An event of the past with orders of every kind, made through the API and the workers.
import { strict as assert } from "node:assert";
import type { Order } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { expireHold } from "../../database/holds.ts";
import { type Api, newKey } from "../../http/api.ts";
import { untilTrue } from "../../until.ts";
import { untilAllDecided } from "../installation.ts";

/** A key with its order. */
export type Sold = Readonly<{ key: string; id: string }>;

export type PastEvent = Readonly<{ code: string; sold: readonly Sold[] }>;

/** Sells; with orders that were held, confirmed, cancelled in part, expired and paid late, and refused payments. */
export async function sellPastEvent(db: Db, api: Api, plainCount: number): Promise<PastEvent> {
  const code = await api.createEvent({ STANDARD: plainCount + 10, VIP: 2 });
  const sold: Sold[] = [];
  const buy = async (body: object): Promise<Order> => {
    const key = newKey();
    const headers = { "idempotency-key": key, prefer: "wait=10" };
    const answer = await api.post<Order>("/api/v1/orders/purchase", { eventCode: code, ...body }, headers);
    assert.equal(answer.status, 200);
    sold.push({ key, id: answer.body.id });
    return answer.body;
  };
  const change = (id: string, what: string, body: object = {}) => api.post(`/api/v1/orders/${id}/${what}`, body);
  const standard = { ticketType: "STANDARD", quantity: 1, customerRef: "customer-4711" };
  await Promise.all(Array.from({ length: plainCount }, () => buy(standard)));
  const basket = {
    items: [
      { ticketType: "STANDARD", quantity: 3 },
      { ticketType: "VIP", quantity: 1 },
    ],
    hold: true,
  };
  const paid = await buy(basket);
  await change(paid.id, "confirm", { paymentReference: "pay-1" });
  await change(paid.id, "confirm", { paymentReference: "pay-2" });
  await change(paid.id, "cancel", { items: [{ ticketType: "STANDARD", quantity: 1 }] });
  const late = await buy({ ticketType: "VIP", quantity: 1, hold: true });
  await expireHold(db, late.id);
  await untilTrue("the hold has expired", async () => (await api.order(late.id)).status === "EXPIRED");
  await change(late.id, "confirm", { paymentReference: "pay-3" });
  await change((await buy(standard)).id, "cancel");
  await buy({ ticketType: "VIP", quantity: 2 });
  await untilAllDecided(api, code);
  await untilTrue("all returns are applied", async () => (await api.audit(code)).ok);
  await endEvent(db, code);
  return { code, sold };
}

/** Lets an event and its sale be over. */
export async function endEvent(db: Db, code: string): Promise<void> {
  await sql`
    UPDATE events SET start_time = now() - interval '2 days', end_time = now() - interval '1 day',
                      sales_end = now() - interval '1 second'
    WHERE code = ${code}`.execute(db);
}
