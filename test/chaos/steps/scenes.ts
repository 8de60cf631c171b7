// Short lives of orders. Each passes certain steps of the code after `arm`; clients repeat what is not answered.
import { strict as assert } from "node:assert";
import { insertOrders } from "@onsale/database/statements/orders/insert-orders";
import { newUuidV7 } from "@onsale/database/uuid";
import { fingerprint } from "@onsale/domain/idempotency";
import { alwaysOpen } from "@onsale/domain/sale-window";
import { sql } from "kysely";
import { defaultAccountId } from "../../support/database/factories.ts";
import { untilTrue } from "../../support/until.ts";
import { endHold } from "../load/buyer.ts";
import { orderOf, type Stage } from "./stage.ts";

export type Scene = Readonly<{
  /** Beside its code, name and times. */
  event: object;
  play: (stage: Stage) => Promise<void>;
}>;

const standard = (total: number) => ({ ticketTypes: [{ ticketType: "STANDARD", total }] });
const plenty = standard(100);
const one = [{ ticketType: "STANDARD", quantity: 1 }];

export const scenes = {
  purchase: {
    event: plenty,
    play: async ({ arm, buy }) => {
      await arm();
      const { id, status } = await buy("twice");
      assert.equal(status, "CONFIRMED");
      assert.equal((await buy("twice")).id, id);
      // A worker that is still there is told of the next ones instead of getting a job.
      for (const name of ["second", "third", "fourth"]) await buy(name);
    },
  },
  confirm: {
    event: plenty,
    play: async ({ arm, buy, client }) => {
      const held = await buy("held", { hold: true });
      await arm();
      assert.equal(orderOf(await client.confirm(held, "paid")).order.status, "CONFIRMED");
    },
  },
  extend: {
    event: plenty,
    play: async ({ arm, buy, client }) => {
      const held = await buy("held", { holdSeconds: 30 });
      await arm();
      const { order } = orderOf(await client.extend(held, "longer"));
      assert.equal(order.version, held.version + 1);
      orderOf(await client.confirm(order, "paid"));
    },
  },
  "cancel a hold": {
    event: plenty,
    play: async ({ arm, buy, client, gateway, eventCode }) => {
      const held = await buy("held", { quantity: 2, hold: true });
      await arm();
      assert.equal(orderOf(await client.cancel(held, "leave")).order.status, "CANCELLED");
      await untilTaken(gateway, eventCode, 0);
    },
  },
  "cancel a part": {
    event: plenty,
    play: async ({ arm, buy, client, gateway, eventCode }) => {
      const sold = await buy("sold", { quantity: 3 });
      await arm();
      assert.equal(orderOf(await client.cancel(sold, "one-less", one)).order.status, "CONFIRMED");
      await untilTaken(gateway, eventCode, 2);
    },
  },
  expiry: {
    event: plenty,
    play: async ({ arm, buy, becomes, gateway, db, eventCode }) => {
      const held = await buy("held", { quantity: 2, hold: true });
      await arm();
      await endHold(db, held.id);
      await becomes(held, "EXPIRED");
      await untilTaken(gateway, eventCode, 0);
    },
  },
  "late payment": {
    event: plenty,
    play: async ({ arm, buyExpired, becomes, client }) => {
      const expired = await buyExpired("late");
      await arm();
      await client.confirm(expired, "paid-late");
      await becomes(expired, "CONFIRMED");
    },
  },
  refund: {
    event: standard(1),
    play: async ({ arm, buy, buyExpired, client, db }) => {
      const expired = await buyExpired("late");
      assert.equal((await buy("in-time")).status, "CONFIRMED");
      await arm();
      await client.confirm(expired, "paid-late");
      await untilTrue("the payment is to be refunded", async () => {
        const { rows } = await sql`
          SELECT FROM payments WHERE order_id = ${expired.id}::uuid AND outcome = 'refund-required'`.execute(db);
        return rows.length === 1;
      });
    },
  },
  "a second payment": {
    event: plenty,
    play: async ({ arm, buy, client }) => {
      const held = await buy("held", { hold: true });
      orderOf(await client.confirm(held, "paid"));
      await arm();
      await client.confirm(held, "paid-again");
    },
  },
  "waiting list": {
    event: standard(2),
    play: async ({ arm, buy, becomes, client }) => {
      const first = await buy("first", { quantity: 2 });
      await arm();
      const waiting = await buy("second", { hold: true, waitlist: true });
      assert.equal(waiting.status, "WAITING");
      orderOf(await client.cancel(first, "leave"));
      orderOf(await client.confirm(await becomes(waiting, "HELD"), "paid"));
    },
  },
  rules: {
    event: {
      maxPerCustomer: 3,
      pools: [{ name: "HALL", total: 10 }],
      ticketTypes: ["STANDARD", "CHILD"].map((ticketType) => ({ ticketType, total: 10, pools: ["HALL"] })),
    },
    play: async ({ arm, buy, client }) => {
      await arm();
      const items = ["STANDARD", "CHILD"].map((ticketType) => ({ ticketType, quantity: 1 }));
      const held = await buy("basket", { items, hold: true, customerRef: "family" });
      orderOf(await client.confirm(held, "paid"));
      assert.equal((await buy("too-many", { quantity: 2, customerRef: "family" })).status, "REJECTED");
    },
  },
  "an order without a job": {
    event: plenty,
    play: async ({ arm, buy, db, eventCode }) => {
      await arm();
      await insertWithoutJob(db, eventCode, "forgotten");
      assert.equal((await buy("forgotten")).status, "CONFIRMED");
    },
  },
  "event cancellation": {
    event: plenty,
    play: async ({ arm, buy, becomes, gateway, eventCode }) => {
      const orders = [await buy("sold", { quantity: 2 }), await buy("held", { hold: true })];
      await arm();
      await untilTrue("the event is cancelled", async () => {
        await gateway.cancelEvent(eventCode, "a test");
        return true;
      });
      for (const order of orders) await becomes(order, "CANCELLED");
    },
  },
  "the sale ends": {
    event: standard(1),
    play: async ({ arm, buy, becomes, db, eventCode }) => {
      await buy("first");
      const waiting = await buy("second", { waitlist: true });
      await arm();
      await sql`UPDATE events SET sales_end = now() WHERE code = ${eventCode}`.execute(db);
      await becomes(waiting, "CANCELLED");
    },
  },
  "a receiver that fails": {
    event: plenty,
    play: async ({ arm, buy, failPosts }) => {
      failPosts(1);
      await arm();
      await buy("told-twice");
    },
  },
} as const satisfies Readonly<Record<string, Scene>>;

export type SceneName = keyof typeof scenes;

/** Waits until so many tickets of an event are sold or held, when those that came back are on sale again. */
async function untilTaken(gateway: Stage["gateway"], eventCode: string, count: number): Promise<void> {
  const isOnSale = async () => {
    const [stock] = await gateway.inventory(eventCode);
    return stock !== undefined && stock.sold + stock.held === count;
  };
  await untilTrue("the tickets are on sale again", isOnSale, 30_000);
}

/** Records a purchase as a gateway does that dies before it enqueues the partition. */
async function insertWithoutJob(db: Stage["db"], eventCode: string, name: string): Promise<void> {
  const { rows } = await sql<{ id: number }>`SELECT id FROM events WHERE code = ${eventCode}`.execute(db);
  const demand = {
    eventCode,
    lines: one,
    holdSeconds: null,
    allowPartial: false,
    customerRef: name,
    waitlist: false,
    accessCode: null,
  };
  await insertOrders(db, [
    {
      id: newUuidV7(),
      accountId: defaultAccountId,
      eventId: rows[0]?.id ?? assert.fail("there is no such event"),
      ticketType: "STANDARD",
      quantity: 1,
      terms: null,
      strategy: "optimistic",
      customerRef: name,
      idempotencyKey: `${eventCode}-${name}`,
      fingerprint: fingerprint(demand, "optimistic"),
      window: alwaysOpen,
    },
  ]);
}

export const sceneNames = Object.keys(scenes).filter((name): name is SceneName => name in scenes);
