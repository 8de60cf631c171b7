import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent } from "../../support/database/factories.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";

describe("locking an event's stock", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  it("of several events serialises workers that share any of them, in whatever order they name them", async () => {
    const events = [await createTestEvent(db, { A: 1, B: 1 }), await createTestEvent(db, { A: 1, B: 1 })];
    const ids = events.map((event) => event.id);
    const lock = (eventIds: readonly number[]) =>
      db.transaction().execute(async (tx) => {
        const types = eventIds.flatMap((eventId) => ["B", "A"].map((ticketType) => ({ eventId, ticketType })));
        await lockStock(tx, types);
        await sql`UPDATE inventory SET version = version + 1 WHERE event_id = ANY(${eventIds}::int[])`.execute(tx);
      });
    for (let round = 0; round < 10; round++) await Promise.all([lock(ids), lock(ids.toReversed()), lock(ids.slice(1))]);
    const { rows } = await sql<{ version: number }>`
      SELECT version FROM inventory WHERE event_id = ANY(${ids}::int[]) ORDER BY event_id, ticket_type`.execute(db);
    assert.deepEqual(
      rows.map(({ version }) => version),
      [21, 21, 31, 31],
    );
  });

  it("makes a second worker wait until the first has ended its transaction", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const first = await openTransaction(db);
    await lockStock(first.tx, [{ eventId: event.id, ticketType: "STANDARD" }]);
    const second = db.transaction().execute((tx) => lockStock(tx, [{ eventId: event.id, ticketType: "STANDARD" }]));
    await untilBlocked(db);
    await sql`UPDATE inventory SET allocated = 40, version = 2 WHERE event_id = ${event.id}`.execute(first.tx);
    await first.commit();
    await second;
    assert.equal((await getInventory(db, event.id))[0]?.available, 60);
  });

  it("makes a change of the total wait too", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const first = await openTransaction(db);
    await lockStock(first.tx, [{ eventId: event.id, ticketType: "STANDARD" }]);
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
    await lockStock(first.tx, [{ eventId: event.id, ticketType: "STANDARD" }]);
    const lockAtOnce = (eventId: number) =>
      db.transaction().execute(async (tx) => {
        await sql`SET LOCAL lock_timeout = '1ms'`.execute(tx);
        await lockStock(tx, [{ eventId, ticketType: "STANDARD" }]);
      });
    await lockAtOnce(other.id);
    await assert.rejects(lockAtOnce(event.id), (error) => classify(error) === "contention");
    await first.rollback();
  });
});
