import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { findSoldOut } from "@onsale/database/statements/events/find-sold-out";
import { createSoldOut } from "@onsale/gateway/purchase/sold-out";
import { createDecisions } from "@onsale/gateway/results/decisions";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { untilTrue } from "../../support/until.ts";

describe("what is sold out", () => {
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

  it("are exactly the ticket types of which nothing is left", async () => {
    const event = await sellOut();
    const other = await createTestEvent(db, { STANDARD: 2, NONE: 0 });
    const ask = [event, other].flatMap(({ id: eventId }) =>
      ["STANDARD", "VIP", "NONE", "UNKNOWN"].map((ticketType) => ({ eventId, ticketType })),
    );
    const found = await findSoldOut(db, ask);
    assert.deepEqual(
      found.toSorted((a, b) => a.eventId - b.eventId),
      [
        { eventId: event.id, ticketType: "STANDARD" },
        { eventId: other.id, ticketType: "NONE" },
      ],
    );
    assert.deepEqual(await findSoldOut(db, []), []);
  });

  it("is believed only when the database says so, whatever is announced", async () => {
    const event = await sellOut();
    const decisions = createDecisions();
    const soldOut = createSoldOut(db, decisions, true);
    atEnd(soldOut.close);
    decisions.publish(announce(event.id, ["STANDARD", "VIP"]));
    assert.equal(soldOut.has(event.id, "STANDARD"), false);
    await untilTrue("it is confirmed", () => soldOut.has(event.id, "STANDARD"));
    assert.equal(soldOut.has(event.id, "VIP"), false);
  });

  it("is no longer believed when the database does not answer", async () => {
    const event = await sellOut();
    const own = connect(url, 1);
    const decisions = createDecisions();
    const soldOut = createSoldOut(own, decisions, true);
    atEnd(soldOut.close);
    decisions.publish(announce(event.id, ["STANDARD"]));
    await untilTrue("it is confirmed", () => soldOut.has(event.id, "STANDARD"));
    // Whoever reads the stock waits for this transaction.
    await db.transaction().execute(async (tx) => {
      await sql`LOCK TABLE inventory IN ACCESS EXCLUSIVE MODE`.execute(tx);
      await untilTrue("it is forgotten", () => !soldOut.has(event.id, "STANDARD"), 2_500);
    });
    await untilTrue("it is confirmed again", () => soldOut.has(event.id, "STANDARD"));
  });

  it("is never believed when it is turned off", async () => {
    const event = await sellOut();
    const decisions = createDecisions();
    const on = createSoldOut(db, decisions, true);
    const off = createSoldOut(db, decisions, false);
    for (const soldOut of [on, off]) atEnd(soldOut.close);
    decisions.publish(announce(event.id, ["STANDARD"]));
    await untilTrue("the other one believes it", () => on.has(event.id, "STANDARD"));
    assert.equal(off.has(event.id, "STANDARD"), false);
  });
});
