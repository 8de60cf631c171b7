import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { findSoldOut } from "@onsale/database/statements/events/find-sold-out";
import { changeRules } from "@onsale/database/statements/rules/change-rules";
import { createStockReader, manyHeld } from "@onsale/gateway/catalogue/stock-reader";
import { createSoldOut } from "@onsale/gateway/purchase/sold-out";
import { createDecisions } from "@onsale/gateway/results/decisions";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { untilTrue } from "../../support/until.ts";

describe("sold-out ticket types", () => {
  let url: string;
  let db: Db;

  beforeEach(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  async function sellOut(): Promise<TestEvent> {
    const event = await createTestEvent(db, { STANDARD: 2, VIP: 5 });
    await placeOrders(db, event, times(2, {}));
    await decideAll(db, event.id);
    return event;
  }

  const announce = (eventId: number, soldOut: string[]) => ({ eventId, seq: 1, count: 1, soldOut });

  it("are exactly those without an available ticket", async () => {
    const event = await sellOut();
    const other = await createTestEvent(db, { STANDARD: 2, NONE: 0 });
    const asked = [event, other].flatMap(({ id: eventId }) =>
      ["STANDARD", "VIP", "NONE", "UNKNOWN"].map((ticketType) => ({ eventId, ticketType, isCounted: true })),
    );
    const found = await findSoldOut(db, asked);
    assert.deepEqual(
      found.toSorted((a, b) => a.eventId - b.eventId),
      [
        { eventId: event.id, ticketType: "STANDARD", drawing: ["STANDARD"], held: { STANDARD: 0 } },
        { eventId: other.id, ticketType: "NONE", drawing: ["NONE"], held: { NONE: 0 } },
      ],
    );
    assert.deepEqual(await findSoldOut(db, []), []);
  });

  it("count what is held of all types that draw on the pool that is empty, also when that is much", async () => {
    const event = await createTestEvent(db, { ADULT: 9_000, CHILD: 9_000, SEAT: 10 });
    const owner = { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" };
    await db.transaction().execute((tx) =>
      changeRules(tx, owner, {
        pools: [{ name: "HALL", total: manyHeld }],
        ticketTypes: ["ADULT", "CHILD"].map((ticketType) => ({ ticketType, pools: ["HALL"] })),
      }),
    );
    await placeOrders(db, event, [{ ticketType: "CHILD", quantity: manyHeld, terms: { holdSeconds: 600 } }]);
    await decideAll(db, event.id);
    const asked = ["ADULT", "SEAT"].map((ticketType) => ({ eventId: event.id, ticketType, isCounted: true }));
    const drawing = ["ADULT", "CHILD"];
    assert.deepEqual(await findSoldOut(db, asked), [
      { eventId: event.id, ticketType: "ADULT", drawing, held: { ADULT: 0, CHILD: manyHeld } },
    ]);

    const reader = createStockReader(db);
    let readCount = 0;
    const read = (eventId: number) => reader.read(eventId).finally(() => readCount++);
    const decisions = createDecisions();
    const soldOut = createSoldOut(db, { read }, decisions, true);
    atEnd(soldOut.close);
    decisions.publish(announce(event.id, ["ADULT", "CHILD"]));
    await untilTrue("the held tickets are counted by the stock reader", () => readCount > 1);
    assert.equal(soldOut.heldCount(event.id, ["ADULT"]), manyHeld);
    assert.equal(soldOut.heldCount(event.id, ["ADULT", "CHILD"]), manyHeld, "a basket counts each ticket once");
  });

  it("are known only once the database confirms them, whatever is announced", async () => {
    const event = await sellOut();
    const decisions = createDecisions();
    const soldOut = createSoldOut(db, createStockReader(db), decisions, true);
    atEnd(soldOut.close);
    decisions.publish(announce(event.id, ["STANDARD", "VIP"]));
    assert.equal(soldOut.has(event.id, "STANDARD"), false);
    await untilTrue("the ticket type is confirmed", () => soldOut.has(event.id, "STANDARD"));
    assert.equal(soldOut.has(event.id, "VIP"), false);
  });

  it("are no longer known when the database does not answer", async () => {
    const event = await sellOut();
    const own = connect(url, 1);
    const decisions = createDecisions();
    const soldOut = createSoldOut(own, createStockReader(own), decisions, true);
    atEnd(soldOut.close);
    decisions.publish(announce(event.id, ["STANDARD"]));
    await untilTrue("the ticket type is confirmed", () => soldOut.has(event.id, "STANDARD"));
    // This lock blocks every read of the stock.
    await db.transaction().execute(async (tx) => {
      await sql`LOCK TABLE inventory IN ACCESS EXCLUSIVE MODE`.execute(tx);
      await untilTrue("it is forgotten", () => !soldOut.has(event.id, "STANDARD"), 2_500);
    });
    await untilTrue("it is confirmed again", () => soldOut.has(event.id, "STANDARD"));
  });

  it("are never known when the check is off", async () => {
    const event = await sellOut();
    const decisions = createDecisions();
    const on = createSoldOut(db, createStockReader(db), decisions, true);
    const off = createSoldOut(db, createStockReader(db), decisions, false);
    for (const soldOut of [on, off]) atEnd(soldOut.close);
    decisions.publish(announce(event.id, ["STANDARD"]));
    await untilTrue("the other one knows it", () => on.has(event.id, "STANDARD"));
    assert.equal(off.has(event.id, "STANDARD"), false);
  });
});
