// What an event sold from its beginning, as the console reads it: little by little, and once for all who look.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { intervalCountMax } from "@onsale/admin/console/figures/sale-history";
import { createHistoryReader } from "@onsale/admin/console/history-reader";
import type { SaleHistory } from "@onsale/admin/console/messages/event-messages";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { countStatements } from "../../support/database/statements.ts";
import { until } from "../../support/until.ts";

describe("the history of an event's sale", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  const readAll = (read: () => Promise<SaleHistory>) =>
    until("the history is complete", async () => {
      const history = await read();
      return history.isComplete ? history : null;
    });
  const soldOf = ({ series }: SaleHistory) => series[0]?.sold.reduce((sum, sold) => sum + sold, 0) ?? 0;

  it("is read once for all who look at it, and later only what is new", async () => {
    const event = await createTestEvent(db, { STANDARD: 5_000 });
    await placeOrders(db, event, times(3_000, {}));
    await placeOrders(db, event, times(3_000, {}));
    await decideAll(db, event.id);
    const reader = createHistoryReader(db);
    const read = () => reader.read(event.id);
    const counted = await countStatements(db);
    const page = "AS MATERIALIZED";

    const [history] = await Promise.all(times(20, null).map(() => readAll(read)));
    assert.equal(soldOf(history ?? (await read())), 5_000);
    assert.deepEqual(history?.rejections, [
      { reason: "sold-out", words: "The ticket type is sold out", orders: 1_000 },
    ]);
    assert.equal(history?.decidedCount, 6_000);
    assert.equal((await counted(page)).calls, 2, "6,000 orders are two pages");

    await read();
    assert.equal((await counted(page)).calls, 2, "nothing is new");
  });

  it("grows with the sale, and knows what was given back", async () => {
    const event = await createTestEvent(db, { STANDARD: 100, VIP: 10 });
    const reader = createHistoryReader(db);
    assert.deepEqual((await readAll(() => reader.read(event.id))).series, []);

    await placeOrders(db, event, [{ quantity: 4 }, { quantity: 3, ticketType: "VIP" }, { quantity: 60_000 }]);
    await decideAll(db, event.id);
    const history = await until("the sale is seen", async () => {
      const next = await reader.read(event.id);
      return next.series.length > 0 ? next : null;
    });
    assert.equal(soldOf(history), 7);
    assert.deepEqual(
      history.series.map(({ ticketType }) => ticketType),
      [null, "STANDARD", "VIP"],
    );
    assert.deepEqual(
      history.rejections.map(({ reason, orders }) => [reason, orders]),
      [["insufficient-stock", 1]],
    );
  });

  it("has a bounded number of intervals, however long the sale is", async () => {
    const event = await createTestEvent(db, { STANDARD: 5_000 });
    await placeOrders(db, event, times(1_000, {}));
    await decideAll(db, event.id);
    await sql`
      UPDATE orders SET decided_at = now() + (seq % 1000) * interval '1 hour'
      WHERE event_id = ${event.id}`.execute(db);
    const reader = createHistoryReader(db);
    const history = await readAll(() => reader.read(event.id));
    assert.equal(soldOf(history), 1_000);
    const [all] = history.series;
    assert(all !== undefined && all.sold.length <= intervalCountMax && all.sold.length > 50);
  });
});
