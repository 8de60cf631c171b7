// An accepted purchase that is sent again gets its order, whatever the rules of the sale have become.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import type { CreatedAccessCode } from "@onsale/contracts/access-code";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import { createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { startGateway } from "../../support/services/services.ts";

const yesterday = new Date(Date.now() - 86_400_000).toISOString();
const tomorrow = new Date(Date.now() + 86_400_000).toISOString();

type Change = (api: Api, event: string, codeId: number) => Promise<Readonly<{ status: number }>>;

const patch =
  (rules: object): Change =>
  (api, event) =>
    api.patch(`/api/v1/events/${event}`, rules);
const setType =
  (rules: object): Change =>
  (api, event) =>
    api.put(`/api/v1/inventory/${event}/STANDARD`, { total: 10, ...rules });

/** What changes after the purchase, and what a new purchase gets then. */
const changes: Readonly<Record<string, readonly [Change, string]>> = {
  "its ticket type is hidden": [setType({ visibility: "code" }), "ticket-type-not-found"],
  "its access code is revoked": [
    (api, event, codeId) => api.delete(`/api/v1/events/${event}/access-codes/${codeId}`),
    "access-code-not-found",
  ],
  "the sale is paused": [patch({ paused: true }), "sale-paused"],
  "the sale is closed": [patch({ salesEnd: yesterday }), "sale-closed"],
  "its ticket type is not on sale any more": [setType({ salesEnd: yesterday }), "sale-closed"],
  "the sale opens later": [patch({ salesStart: tomorrow }), "sale-not-open"],
  "orders may ask for less": [patch({ maxPerOrder: 1 }), "order-limit"],
  "customers are counted": [patch({ maxPerCustomer: 5 }), "customer-required"],
  "the event is cancelled": [
    (api, event) => api.post(`/api/v1/events/${event}/cancel`, { reason: "a test" }),
    "event-cancelled",
  ],
};

describe("a key that is sent again gets its order", () => {
  let api: Api;

  before(async () => {
    const environment = {
      DATABASE_URL: await createTestDatabase(),
      CUSTOMER_KEY: randomBytes(32).toString("base64"),
    };
    api = createApi((await startGateway(environment)).url);
  });

  for (const [what, [change, problem]] of Object.entries(changes)) {
    it(`after ${what}`, async () => {
      const eventCode = await api.createEvent({ STANDARD: 10 });
      const wish = { count: 1, ticketTypes: ["STANDARD"], maxUses: 5 };
      const [code] = (await api.post<CreatedAccessCode[]>(`/api/v1/events/${eventCode}/access-codes`, wish)).body;
      assert(code);
      const withCode = problem === "access-code-not-found" ? { accessCode: code.code } : {};
      const body = { eventCode, ticketType: "STANDARD", quantity: 2, ...withCode };
      const buy = (key: string) =>
        api.post<Order & Omit<Problem, "status">>("/api/v1/orders/purchase", body, { "idempotency-key": key });
      const key = newKey();
      const bought = await buy(key);
      assert.equal(bought.status, 202, JSON.stringify(bought.body));
      const { status } = await change(api, eventCode, code.id);
      assert(status < 300, String(status));
      const replayed = await buy(key);
      assert.deepEqual([replayed.status, replayed.body.id], [202, bought.body.id], JSON.stringify(replayed.body));
      assert.equal(replayed.headers.get("idempotent-replayed"), "true");
      assert.equal((await buy(newKey())).body.code, problem);
    });
  }
});
