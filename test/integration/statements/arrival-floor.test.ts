import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { readPending } from "@onsale/database/statements/allocation/read-pending";
import { readArrivalFloor } from "@onsale/database/statements/orders/arrival-floor";
import { bucketOf } from "@onsale/domain/bucket";
import fc from "fast-check";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, type PlacedOrder, placeOrders, times } from "../../support/database/factories.ts";
import { type OpenTransaction, openTransaction, untilBlocked } from "../../support/database/transactions.ts";

const everything = 10_000;

/** An event, a function that places orders for it, and reads of its orders that may be decided. */
async function arrange(db: Db) {
  const event = await createTestEvent(db, { STANDARD: 10 });
  const readFloor = () => readArrivalFloor(db);
  const readSeqs = async (floor: number) =>
    (await readPending(db, [bucketOf(event.id)], everything))
      .filter((order) => order.eventId === event.id && order.seq <= floor)
      .map((order) => order.seq);
  return {
    event,
    place: async (connection: Db, part = {}): Promise<PlacedOrder> => {
      const [order] = await placeOrders(connection, event, [part]);
      assert(order !== undefined);
      return order;
    },
    readFloor,
    /** The sequence numbers of the pending orders up to a floor. */
    readSeqs,
    /** The sequence numbers of the orders that may be decided now. */
    readDecidable: async () => readSeqs(await readFloor()),
  };
}

describe("the arrival floor", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  it("covers every order when no insert is in flight", async () => {
    const { event, place, readFloor, readDecidable } = await arrange(db);
    await placeOrders(db, event, times(3, {}));
    const last = await place(db);
    assert.equal(await readFloor(), last.seq);
    assert.equal((await readDecidable()).length, 4);
  });

  it("is 0 in a table that never had an order", async () => {
    const db = connect(await createTestDatabase());
    const { readFloor } = await arrange(db);
    assert.equal(await readFloor(), 0);
  });

  it("stays below the first order of a table while its insert is in flight", async () => {
    const db = connect(await createTestDatabase());
    const { place, readFloor, readDecidable } = await arrange(db);
    const { tx, commit } = await openTransaction(db);
    const first = await place(tx);
    const second = await place(db);
    assert(second.seq > first.seq);
    assert((await readFloor()) < first.seq);
    await commit();
    assert.deepEqual(await readDecidable(), [first.seq, second.seq]);
  });

  for (const end of ["commit", "rollback"] as const) {
    it(`does not cover later orders until an earlier insert has ended: ${end}`, async () => {
      const { place, readDecidable } = await arrange(db);
      const before = await place(db);
      const inFlight = await openTransaction(db);
      const early = await place(inFlight.tx);
      const late = await place(db);
      assert(early.seq < late.seq);
      assert.deepEqual(await readDecidable(), [before.seq]);

      await inFlight[end]();
      assert.deepEqual(
        await readDecidable(),
        end === "commit" ? [before.seq, early.seq, late.seq] : [before.seq, late.seq],
      );
    });
  }

  it("stays below the earliest of several inserts in flight", async () => {
    const { place, readDecidable } = await arrange(db);
    const slow = await openTransaction(db);
    const first = await place(slow.tx);
    const fast = await openTransaction(db);
    const second = await place(fast.tx);
    await fast.commit();
    assert.deepEqual(await readDecidable(), []);
    await slow.commit();
    assert.deepEqual(await readDecidable(), [first.seq, second.seq]);
  });

  it("does not cover later orders while an earlier insert is blocked in its statement", async () => {
    const { event, place, readFloor, readDecidable } = await arrange(db);
    const removed = await place(db);
    const remover = await openTransaction(db);
    await sql`DELETE FROM orders WHERE id = ${removed.id}`.execute(remover.tx);
    const blocked = placeOrders(db, event, [{}, { idempotencyKey: removed.idempotencyKey }]);
    await untilBlocked(db);
    const late = await place(db);
    assert((await readFloor()) < late.seq);

    await remover.commit();
    const early = (await blocked).map((order) => order.seq);
    assert.deepEqual(await readDecidable(), [...early, late.seq]);
  });

  it("is not lowered by advisory locks of other programs", async () => {
    const db = connect(await createTestDatabase());
    const { place, readFloor } = await arrange(db);
    const { seq } = await place(db);
    const foreign = connect(await createTestDatabase());
    const here = await openTransaction(db);
    const there = await openTransaction(foreign);
    const ours = (0x4f4en << 48n).toString();
    for (const key of ["0", "-1", "1", String(0x4f4fn << 48n), String(0x4f4dn << 48n)]) {
      await sql`SELECT pg_advisory_xact_lock(${key}::bigint)`.execute(here.tx);
    }
    await sql`SELECT pg_advisory_xact_lock(${0x4f4e0000}::int, 0)`.execute(here.tx);
    await sql`SELECT pg_advisory_xact_lock_shared(${ours}::bigint)`.execute(there.tx);
    assert.equal(await readFloor(), seq);

    // Only this key lowers it, in this database.
    await sql`SELECT pg_advisory_xact_lock_shared(${ours}::bigint)`.execute(here.tx);
    assert.equal(await readFloor(), 0);
  });

  it("is final: no order at or below it appears or disappears later, however transactions interleave", async () => {
    const step = fc.record({ slot: fc.nat(3), action: fc.constantFrom("insert", "insert", "commit", "rollback") });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
        const open = new Map<number, OpenTransaction>();
        const { place, readFloor, readSeqs, readDecidable } = await arrange(db);
        const readings: { floor: number; seqs: number[] }[] = [];

        for (const { slot, action } of steps) {
          const transaction = open.get(slot);
          if (action === "insert") {
            const { tx, ...rest } = transaction ?? (await openTransaction(db));
            open.set(slot, { tx, ...rest });
            await place(tx);
          } else if (transaction !== undefined) {
            await transaction[action]();
            open.delete(slot);
          }
          const floor = await readFloor();
          readings.push({ floor, seqs: await readSeqs(floor) });
        }

        for (const transaction of open.values()) await transaction.commit();
        for (const { floor, seqs } of readings) assert.deepEqual(await readSeqs(floor), seqs);
        assert.deepEqual(await readDecidable(), await readSeqs(Number.MAX_SAFE_INTEGER));
      }),
      { numRuns: 25 },
    );
  });
});
