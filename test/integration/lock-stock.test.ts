import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { lockStock } from "@onsale/database/statements/lock-stock";
import { setInventoryTotal } from "@onsale/database/statements/set-inventory-total";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../support/database.ts";
import { createTestEvent, placeOrders } from "../support/factories.ts";
import { decideAll } from "../support/sale.ts";
import { openTransaction, untilBlocked } from "../support/transactions.ts";

describe("locking an event's stock", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  it("gives what is left of each ticket type and its version, by ticket type", async () => {
    const event = await createTestEvent(db, { VIP: 2, STANDARD: 100, "A-1": 5 });
    await placeOrders(db, event, [{ quantity: 30 }]);
    await decideAll(db, event.id);
    assert.deepEqual(await db.transaction().execute((tx) => lockStock(tx, event.id)), [
      { ticketType: "A-1", available: 5, version: 1 },
      { ticketType: "STANDARD", available: 70, version: 2 },
      { ticketType: "VIP", available: 2, version: 1 },
    ]);
  });

  it("makes a second worker wait until the first is done, and then shows it the new stock", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const first = await openTransaction(db);
    await lockStock(first.tx, event.id);
    const second = db.transaction().execute((tx) => lockStock(tx, event.id));
    await untilBlocked(db);
    await sql`UPDATE inventory SET allocated = 40, version = 2 WHERE event_id = ${event.id}`.execute(first.tx);
    await first.commit();
    assert.deepEqual(await second, [{ ticketType: "STANDARD", available: 60, version: 2 }]);
  });

  it("makes a change of the total wait too", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const first = await openTransaction(db);
    await lockStock(first.tx, event.id);
    const change = { accountId: event.accountId, eventId: event.id, eventCode: event.code };
    const second = setInventoryTotal(db, { ...change, ticketType: "STANDARD", total: 50 });
    await untilBlocked(db);
    await sql`UPDATE inventory SET allocated = 60, version = 2 WHERE event_id = ${event.id}`.execute(first.tx);
    await first.commit();
    assert.deepEqual(await second, { kind: "below-allocated", allocated: 60 });
  });

  it("does not make other events wait", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const other = await createTestEvent(db, { STANDARD: 100 });
    const first = await openTransaction(db);
    await lockStock(first.tx, event.id);
    const lockAtOnce = (eventId: number) =>
      db.transaction().execute(async (tx) => {
        await sql`SET LOCAL lock_timeout = '1ms'`.execute(tx);
        return lockStock(tx, eventId);
      });
    assert.equal((await lockAtOnce(other.id)).length, 1);
    await assert.rejects(lockAtOnce(event.id), (error) => classify(error) === "contention");
    await first.rollback();
  });
});
