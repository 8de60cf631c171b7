import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { createOrderReader } from "@onsale/gateway/catalogue/order-reader";
import { createDecisions } from "@onsale/gateway/results/decisions";
import { createWaiters } from "@onsale/gateway/results/waiters";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { countStatements } from "../../support/database/statements.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";

const announcementCount = 5_000;

describe("a waiter", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  it("has one check at a time, however many decisions are announced while the database is slow", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 });
    const [placed] = await placeOrders(db, event);
    const [order] = placed === undefined ? [] : await getOrders(db, [placed.id]);
    assert(order !== undefined);
    const decisions = createDecisions();
    const waiters = createWaiters(createOrderReader(connect(url)), decisions);
    atEnd(waiters.close);
    const waiting = waiters.wait(order, "decided", 30_000, new AbortController().signal);
    const counted = await countStatements(db);
    const { tx, rollback } = await openTransaction(db);
    await sql`LOCK TABLE orders IN ACCESS EXCLUSIVE MODE`.execute(tx);
    decisions.publish({ eventId: event.id, seq: order.seq, count: 1, soldOut: [] });
    await untilBlocked(db);
    for (let n = 0; n < announcementCount; n++) {
      decisions.publish({ eventId: event.id, seq: order.seq, count: 1, soldOut: [] });
    }
    await rollback();
    await decideAll(db, event.id);
    decisions.publish({ eventId: event.id, seq: order.seq, count: 1, soldOut: [] });
    assert.equal((await waiting).status, "CONFIRMED");
    const { calls } = await counted("orders.id = ANY");
    assert(calls >= 1 && calls <= 4, `${calls} queries`);
  });
});
