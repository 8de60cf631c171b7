import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { peekPending } from "@onsale/database/statements/peek-pending";
import { readPending } from "@onsale/database/statements/read-pending";
import { decideBatch } from "@onsale/worker/batch";
import { connect, createTestDatabase } from "../support/database.ts";
import { createTestEvent, placeOrders, times } from "../support/factories.ts";
import { decideAll } from "../support/sale.ts";

const noFloor = Number.MAX_SAFE_INTEGER;

describe("reading what is pending", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  it("gives an event's orders in arrival order, whatever their ids are", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const placed = await placeOrders(
      db,
      event,
      times(50, null).map(() => ({ id: randomUUID() })),
    );
    const pending = await readPending(db, event.id, noFloor, 100);
    assert.deepEqual(
      pending.map((order) => order.id),
      placed.map((order) => order.id),
    );
  });

  it("gives everything that deciding needs, and when the order was accepted", async () => {
    const event = await createTestEvent(db, { VIP: 100 });
    const [placed] = await placeOrders(db, event, [{ ticketType: "VIP", quantity: 3, strategy: "pessimistic" }]);
    const [pending] = await readPending(db, event.id, noFloor, 100);
    assert(placed && pending);
    const { createdAtMs, ...rest } = pending;
    assert.deepEqual(rest, {
      ...{ id: placed.id, seq: placed.seq, ticketType: "VIP", quantity: 3, strategy: "pessimistic" },
    });
    assert.equal(Math.floor(createdAtMs), placed.createdAt.getTime());
  });

  it("stops at the floor and at the limit, whichever comes first", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const seqs = (await placeOrders(db, event, times(10, {}))).map((order) => order.seq);
    const read = async (floor: number, countMax: number) =>
      (await readPending(db, event.id, floor, countMax)).map((order) => order.seq);
    assert.deepEqual(await read(seqs[5] ?? 0, 100), seqs.slice(0, 6));
    assert.deepEqual(await read(noFloor, 3), seqs.slice(0, 3));
    assert.deepEqual(await read((seqs[0] ?? 0) - 1, 100), []);
  });

  it("gives neither decided orders nor those of another event", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const other = await createTestEvent(db, { STANDARD: 100 });
    await placeOrders(db, event, times(4, {}));
    await placeOrders(db, other, times(2, {}));
    await decideBatch(db, event.id, 3);
    const [last] = await readPending(db, event.id, noFloor, 100);
    await placeOrders(db, other, [{}]);
    assert.deepEqual(await readPending(db, event.id, noFloor, 100), [last]);
    assert.equal((await readPending(db, other.id, noFloor, 100)).length, 3);
  });

  it("peeks at the strategy of the order that arrived first and is still pending", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const peekStrategy = async () => (await peekPending(db, event.id)).strategy;
    assert.equal(await peekStrategy(), null);
    await placeOrders(db, event, [{ strategy: "pessimistic" }, { strategy: "optimistic" }]);
    assert.equal(await peekStrategy(), "pessimistic");
    await decideBatch(db, event.id, 500);
    assert.equal(await peekStrategy(), "optimistic");
    await decideBatch(db, event.id, 500);
    assert.equal(await peekStrategy(), null);
  });

  it("peeks at what is left of each ticket type and at its version", async () => {
    const event = await createTestEvent(db, { STANDARD: 100, VIP: 2 });
    await placeOrders(db, event, [{ quantity: 30 }, { quantity: 30 }]);
    await decideAll(db, event.id, 1);
    const { stock } = await peekPending(db, event.id);
    assert.deepEqual(
      stock.toSorted((a, b) => a.ticketType.localeCompare(b.ticketType)),
      [
        { ticketType: "STANDARD", available: 40, version: 3 },
        { ticketType: "VIP", available: 2, version: 1 },
      ],
    );
    const withoutStock = await createTestEvent(db, {});
    assert.deepEqual((await peekPending(db, withoutStock.id)).stock, []);
  });
});
