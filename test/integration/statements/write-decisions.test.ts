import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { decidedChannel } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { type PendingEntry, readPending } from "@onsale/database/statements/allocation/read-pending";
import {
  type OrderDecision,
  type StockChange,
  writeDecisions,
} from "@onsale/database/statements/allocation/write-decisions";
import { bucketOf } from "@onsale/domain/bucket";
import { decideBatch } from "@onsale/worker/batch";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { confirmation, rejection } from "../../support/database/decisions.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { recordNotifications } from "../../support/database/notifications.ts";
import { assertSound, readOrders } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";

const confirm = confirmation;
const reject = (entry: PendingEntry) => rejection(entry, "sold-out");
const isStockChanged = (error: unknown) => classify(error) === "stock-changed";

describe("writing a batch of decisions", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  const readStock = async (event: TestEvent) => {
    const { rows } = await sql<{ type: string; allocated: number; version: number; decidedSeq: number }>`
      SELECT ticket_type AS type, allocated, version, decided_seq AS "decidedSeq" FROM inventory
      WHERE event_id = ${event.id} ORDER BY 1`.execute(db);
    return rows;
  };

  /** Everything that a batch could change. */
  const readAll = async (event: TestEvent) => ({ stock: await readStock(event), orders: await readOrders(db, event) });

  /** An event with two STANDARD orders and one VIP order, all for 2 tickets. */
  async function arrange() {
    const event = await createTestEvent(db, { STANDARD: 10, VIP: 3 });
    const part = { quantity: 2 };
    await placeOrders(db, event, [part, part, { ...part, ticketType: "VIP" }]);
    const bucket = bucketOf(event.id);
    const [first, second, vip] = (await readPending(db, [bucket], 100)).filter(({ eventId }) => eventId === event.id);
    assert(first && second && vip);
    const change = (ticketType: string, version: number, quantity: number, decidedSeq: number): StockChange => ({
      eventId: event.id,
      ticketType,
      version,
      quantity,
      waiting: 0,
      decidedSeq,
    });
    const write = (
      changes: readonly StockChange[],
      orders: readonly OrderDecision[] = [confirm(first), confirm(second), confirm(vip)],
      connection = db,
    ) => {
      const { seq } = orders.at(-1) ?? vip;
      const events = [{ eventId: event.id, seq, count: orders.length, soldOut: ["VIP"] }];
      return writeDecisions(connection, { stock: changes, orders, buckets: [{ bucket, seq }], events });
    };
    const fitting = [change("STANDARD", 1, 4, second.seq), change("VIP", 1, 2, vip.seq)];
    return { event, first, second, vip, change, write, fitting };
  }

  it("changes stock and orders together", async () => {
    const { event, first, second, vip, write, change } = await arrange();
    const changes = [change("STANDARD", 1, 2, second.seq), change("VIP", 1, 2, vip.seq)];
    const decidedAtMs = await write(changes, [confirm(first), reject(second), confirm(vip)]);
    assert(decidedAtMs !== null);
    const { stock, orders } = await readAll(event);
    assert.deepEqual(stock, [
      { type: "STANDARD", allocated: 2, version: 2, decidedSeq: second.seq },
      { type: "VIP", allocated: 2, version: 2, decidedSeq: vip.seq },
    ]);
    assert.deepEqual(
      orders.map((order) => [order.id, order.status, order.reason, order.version]),
      [
        [first.id, "CONFIRMED", null, 2],
        [second.id, "REJECTED", "sold-out", 2],
        [vip.id, "CONFIRMED", null, 2],
      ],
    );
    const decidedAt = Math.max(...orders.map((order) => order.decidedAt?.getTime() ?? Number.NaN));
    assert.equal(decidedAt, Math.floor(decidedAtMs));
  });

  for (const stale of ["STANDARD", "VIP"]) {
    it(`writes nothing at all when the version of one of two ticket types is stale: ${stale}`, async () => {
      const { event, write, fitting } = await arrange();
      await sql`UPDATE inventory SET version = 2 WHERE event_id = ${event.id} AND ticket_type = ${stale}`.execute(db);
      const before = await readAll(event);
      await assert.rejects(write(fitting), isStockChanged);
      assert.deepEqual(await readAll(event), before);
    });
  }

  it("writes nothing at all when a ticket type has no stock", async () => {
    const { event, write, fitting, change } = await arrange();
    const before = await readAll(event);
    await assert.rejects(write([...fitting, change("STUDENT", 1, 0, 1)]), isStockChanged);
    assert.deepEqual(await readAll(event), before);
  });

  it("writes nothing at all when one of the orders is no longer pending", async () => {
    const { event, first, vip, write, fitting, change } = await arrange();
    await write([], [reject(first)]);
    const before = await readAll(event);
    await assert.rejects(write(fitting), isStockChanged);
    assert.deepEqual(await readAll(event), before);
    await assert.rejects(write([change("VIP", 1, 2, vip.seq)], [confirm(vip), reject(first)]), isStockChanged);
    assert.deepEqual(await readAll(event), before);
  });

  it("writes nothing the second time", async () => {
    const { event, write, fitting } = await arrange();
    await write(fitting);
    const before = await readAll(event);
    await assert.rejects(write(fitting), isStockChanged);
    assert.deepEqual(await readAll(event), before);
  });

  it("gives a ticket type a new version even when all its orders are rejected", async () => {
    const { event, first, second, vip, write, change } = await arrange();
    const changes = [change("STANDARD", 1, 0, second.seq), change("VIP", 1, 0, vip.seq)];
    await write(changes, [reject(first), reject(second), reject(vip)]);
    assert.deepEqual(await readStock(event), [
      { type: "STANDARD", allocated: 0, version: 2, decidedSeq: second.seq },
      { type: "VIP", allocated: 0, version: 2, decidedSeq: vip.seq },
    ]);
  });

  it("does not change ticket types that are not in the batch", async () => {
    const { event, vip, write, change } = await arrange();
    await write([change("VIP", 1, 2, vip.seq)], [confirm(vip)]);
    assert.deepEqual((await readStock(event))[0], { type: "STANDARD", allocated: 0, version: 1, decidedSeq: 0 });
  });

  it("never allocates more than the total, whatever the batch says", async () => {
    const { event, vip, write, change } = await arrange();
    const before = await readAll(event);
    const error = await write([change("VIP", 1, 4, vip.seq)], [confirm(vip)]).catch((thrown: unknown) => thrown);
    assert.equal(classify(error), "data");
    assert.deepEqual(await readAll(event), before);
  });

  it("makes the second of two workers wait for the first one's commit, and then fail", async () => {
    const { event, write, fitting } = await arrange();
    const { tx, commit } = await openTransaction(db);
    await write(fitting, undefined, tx);
    const second = assert.rejects(write(fitting), isStockChanged);
    await untilBlocked(db);
    await commit();
    await second;
    await assertSound(db, event);
  });

  it("lets the second of two workers succeed when the first one is rolled back", async () => {
    const { event, write, fitting } = await arrange();
    const { tx, rollback } = await openTransaction(db);
    await write(fitting, undefined, tx);
    const second = write(fitting);
    await untilBlocked(db);
    await rollback();
    await second;
    await assertSound(db, event);
  });

  it("announces a batch once, with the last order of it, and a failed one never", async () => {
    const readNotified = await recordNotifications(url, decidedChannel);
    const { event, vip, write, fitting } = await arrange();
    await write(fitting);
    await assert.rejects(write(fitting), isStockChanged);
    assert.deepEqual(await readNotified(), [`${event.id}:${vip.seq}:3:VIP`]);
  });

  it("announces all events of a batch together, each with its own last order", async () => {
    const events: TestEvent[] = [];
    for (let n = 0; n < 3; n++) events.push(await createTestEvent(db, { STANDARD: 2 }));
    const seqs = await Promise.all(events.map(async (each) => (await placeOrders(db, each, times(2, {}))).at(-1)?.seq));
    const readNotified = await recordNotifications(url, decidedChannel);
    await decideBatch(db, { buckets: events.map(({ id }) => bucketOf(id)), countMax: 100 });
    const [payload = "", ...others] = await readNotified();
    assert.deepEqual(others, []);
    for (const [n, { id }] of events.entries()) assert(payload.includes(`${id}:${seqs[n]}:2:STANDARD`), payload);
  });

  it("stores in the bucket how far it is decided, and never lowers that", async () => {
    const { event, vip, first, write, fitting } = await arrange();
    const readDecidedSeq = async () => {
      const { rows } = await sql<{ seq: number }>`
        SELECT decided_seq AS seq FROM buckets WHERE bucket = ${bucketOf(event.id)}`.execute(db);
      return rows[0]?.seq;
    };
    await write(fitting);
    assert.equal(await readDecidedSeq(), vip.seq);
    const lower = { bucket: bucketOf(event.id), seq: first.seq };
    await writeDecisions(db, { stock: [], orders: [], buckets: [lower], events: [] });
    assert.equal(await readDecidedSeq(), vip.seq);
  });
});
