import { strict as assert } from "node:assert";
import { before, beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import { createStockReader, manyHeld, type StockReader } from "@onsale/gateway/catalogue/stock-reader";
import { createSoldOut } from "@onsale/gateway/purchase/sold-out";
import { createDecisions } from "@onsale/gateway/results/decisions";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, newOrderId, type TestEvent } from "../../support/database/factories.ts";
import { countStatements, type StatementCount } from "../../support/database/statements.ts";
import { untilTrue } from "../../support/until.ts";

describe("the stock of an event", () => {
  let db: Db;
  let reader: StockReader;
  let count: (part: string) => Promise<StatementCount>;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  beforeEach(async () => {
    reader = createStockReader(db);
    count = await countStatements(db);
  });

  /** An event of which so many tickets are held. */
  async function arrangeHeld(held: number, total = 2 * manyHeld): Promise<TestEvent> {
    const event = await createTestEvent(db, { STANDARD: total });
    await hold(event, held);
    return event;
  }

  async function hold({ id }: TestEvent, quantity: number): Promise<void> {
    await sql`
      WITH drawn AS (UPDATE inventory SET allocated = allocated + ${quantity}::int WHERE event_id = ${id})
      INSERT INTO holds (order_id, ticket_type, event_id, quantity, expires_at)
      VALUES (${newOrderId()}::uuid, 'STANDARD', ${id}, ${quantity}, now() + interval '1 hour')`.execute(db);
  }

  const heldOf = async ({ id }: TestEvent) => (await reader.read(id))[0]?.held;
  const readCount = async () => (await count("stock.allocated - stock.held")).calls;

  it("is read each time while few tickets are held", async () => {
    const event = await arrangeHeld(manyHeld - 3);
    for (const added of [0, 1, 1]) {
      if (added > 0) await hold(event, added);
      await heldOf(event);
    }
    assert.equal(await heldOf(event), manyHeld - 1);
    assert.equal(await readCount(), 4);
  });

  it("is read once for all who ask at the same time while many are held", async () => {
    const event = await arrangeHeld(manyHeld);
    assert.equal(await heldOf(event), manyHeld);
    const before = await readCount();
    const read = await Promise.all(Array.from({ length: 100 }, () => heldOf(event)));
    assert.deepEqual(new Set(read), new Set([manyHeld]));
    assert((await readCount()) - before <= 1);
  });

  it("shows a new count soon, and what the gateway itself changes at once", async () => {
    const event = await arrangeHeld(manyHeld);
    await heldOf(event);
    await hold(event, 10);
    await untilTrue("the new count shows", async () => (await heldOf(event)) === manyHeld + 10);
    const { accountId, id: eventId, code: eventCode } = event;
    const change = { accountId, eventId, eventCode, ticketType: "STANDARD", total: 3 * manyHeld, actor: "test" };
    await setInventoryTotal(db, change);
    reader.forget(eventId);
    assert.equal((await reader.read(eventId))[0]?.total, 3 * manyHeld);
  });

  it("is dropped also when a query began before it changed", async () => {
    const event = await arrangeHeld(manyHeld);
    const begun = heldOf(event);
    reader.forget(event.id);
    await begun;
    await hold(event, 10);
    assert.equal(await heldOf(event), manyHeld + 10);
  });

  it("takes part in what was read for others", async () => {
    const event = await arrangeHeld(1);
    const stock = [{ ticketType: "STANDARD", total: manyHeld, sold: 0, held: manyHeld, available: 0 }];
    // A later time, so that the test does not depend on its own speed.
    reader.note(event.id, stock, performance.now() + 60_000);
    assert.equal(await heldOf(event), manyHeld);
    assert.equal(await readCount(), 0);
  });

  it("with many held tickets is not counted by each query for what is sold out", async () => {
    const event = await arrangeHeld(manyHeld, manyHeld);
    const decisions = createDecisions();
    const soldOut = createSoldOut(db, reader, decisions, true);
    atEnd(soldOut.close);
    decisions.publish({ eventId: event.id, seq: 1, count: 1, soldOut: ["STANDARD"] });
    await untilTrue("the number is known", () => soldOut.heldCount(event.id, ["STANDARD"]) === manyHeld);
    await sql`UPDATE holds SET quantity = quantity - 1 WHERE event_id = ${event.id}`.execute(db);
    await untilTrue("the shared count is used", () => {
      // A ticket type that nobody asks for is no longer queried.
      soldOut.has(event.id, "STANDARD");
      return soldOut.heldCount(event.id, ["STANDARD"]) === manyHeld - 1;
    });
    assert((await readCount()) >= 1);
  });
});
