// Orders of a gateway whose lane is the test: nothing is decided before the test says so.
import { strict as assert } from "node:assert";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { getEvent } from "@onsale/database/statements/events/get-events";
import { bucketOf } from "@onsale/domain/bucket";
import { defaultAccountId, type TestEvent } from "../database/factories.ts";
import { expireHold } from "../database/holds.ts";
import { decideAll } from "../database/sale.ts";
import { type Answer, type Api, newKey } from "./api.ts";

export type Changed = Answer<Order & Omit<Problem, "status">>;
export type Action = "confirm" | "cancel" | "extend";

/** @param db the gateway's database, without a worker */
export function createOrderChanges(api: Api, db: Db) {
  const eventOf = async (code: string): Promise<TestEvent> => {
    const event = await getEvent(db, defaultAccountId, code);
    assert(event !== undefined);
    return { id: event.id, accountId: defaultAccountId, code };
  };
  return {
    eventOf,
    /** Records an order, which is undecided then; by default it holds two STANDARD tickets. */
    place: async (eventCode: string, part: object = { ticketType: "STANDARD", quantity: 2, hold: true }) => {
      const headers = { "idempotency-key": newKey() };
      const { status, body } = await api.post<Order>("/api/v1/orders/purchase", { eventCode, ...part }, headers);
      assert.equal(status, 202);
      return body.id;
    },
    decide: async (code: string) => {
      await decideAll(db, (await eventOf(code)).id);
    },
    /** Lets the hold of an order expire, and puts its tickets on sale. */
    expire: async (code: string, id: string) => {
      await expireHold(db, id);
      await applyReturns(db, [bucketOf((await eventOf(code)).id)]);
    },
    change: (id: string, action: Action, body: unknown = {}, headers: Readonly<Record<string, string>> = {}) =>
      api.request<Changed["body"]>("POST", `/api/v1/orders/${id}/${action}`, { body, headers }),
  };
}
