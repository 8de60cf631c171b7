// Events whose tickets are gone, with orders that wait for what comes back.
import { strict as assert } from "node:assert";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { changeRules, type RulesChange } from "@onsale/database/statements/rules/change-rules";
import { findOffersDue } from "@onsale/database/statements/waiting-list/read-waiting";
import { applyTransitions } from "@onsale/database/transitions/apply-transitions";
import type { Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import type { Line } from "@onsale/domain/decide";
import { makeOffers } from "@onsale/worker/offers";
import { createAccount, createTestEvent, type PlacedOrder, placeOrders, type TestEvent } from "./factories.ts";
import { decideAll, readOrders } from "./sale.ts";

/** Of an order that waits. */
export const terms = { waitlist: true } as const;

export const standard = (quantity: number) => [{ ticketType: "STANDARD", quantity }];

/** A basket that waits. */
export function basketOf(lines: readonly Line[]) {
  const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
  return { ticketType: null, quantity, terms: { ...terms, lines } };
}

export type Waitlist = ReturnType<typeof createWaitlist>;

/** What tests do to waiting lists, with the statements of the worker and the gateway. */
export function createWaitlist(db: Db) {
  const ask = ({ accountId, id: orderId }: PlacedOrder, wish: Wish) =>
    applyTransitions(db, [{ accountId, orderId, actor: "test", wish, key: null, matches: () => true }]);

  return {
    ask,
    /** An event with rules whose tickets one order has; `rest` are the orders that wait, or get what is left. */
    sellOut: async (
      totals: Record<string, number>,
      rest: Parameters<typeof placeOrders>[2],
      part: RulesChange = {},
    ) => {
      const event = await createTestEvent(db, totals, await createAccount(db));
      const owner = { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" };
      await db.transaction().execute((tx) => changeRules(tx, owner, part));
      const all = Object.entries(totals).map(([ticketType, quantity]) => ({ ticketType, quantity }));
      const holders = await placeOrders(db, event, all);
      const orders = await placeOrders(db, event, rest);
      await decideAll(db, event.id);
      return { event, holders, orders };
    },
    cancel: (order: PlacedOrder | undefined, items: readonly Line[] | null = null) => {
      assert(order);
      return ask(order, { kind: "cancel", items, reason: null });
    },
    /** Puts back on sale what came back, and offers it. */
    settle: async ({ id }: TestEvent) => {
      await applyReturns(db, [bucketOf(id)]);
      if ((await findOffersDue(db)).includes(id)) await makeOffers(db, id);
    },
    statusesOf: async (event: TestEvent) => (await readOrders(db, event)).map(({ status }) => status),
  };
}
