import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { countPending } from "@onsale/database/statements/pending/count-pending";
import { queuePosition } from "@onsale/domain/queue-position";
import { sql } from "kysely";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import { decideAll, decideOnce, readOrders } from "../../support/database/sale.ts";

const marksMax = 500;
const quiet = { accepted: 0, decided: 0, decidedPerSecond: 0 };

describe("counting pending orders", () => {
  let db: Db;

  beforeEach(async () => {
    db = connect(await createTestDatabase());
  });

  const countOne = async (eventId: number) => {
    const [counted] = await countPending(db, [eventId]);
    assert(counted !== undefined);
    return counted;
  };

  it("marks every order when there are few", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const placed = await placeOrders(db, event, times(3, {}));
    const { oldestAgeSeconds, ...counted } = await countOne(event.id);
    assert.deepEqual(counted, { eventId: event.id, count: 3, step: 1, marks: placed.map(({ seq }) => seq) });
    assert(oldestAgeSeconds >= 0 && oldestAgeSeconds < 60);
  });

  it("gives the age of the oldest pending order, which is never negative", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    await placeOrders(db, event, times(2, {}));
    const age = (seconds: number) =>
      sql`UPDATE orders SET created_at = clock_timestamp() - ${seconds}::int * interval '1 second'
          WHERE seq = (SELECT min(seq) FROM orders)`.execute(db);
    await age(600);
    const { oldestAgeSeconds } = await countOne(event.id);
    assert(oldestAgeSeconds >= 600 && oldestAgeSeconds < 660, `${oldestAgeSeconds} s`);
    await sql`UPDATE orders SET created_at = clock_timestamp() + interval '1 minute'`.execute(db);
    assert.equal((await countOne(event.id)).oldestAgeSeconds, 0);
  });

  it("counts several events separately, and leaves out those without pending orders", async () => {
    const [one, other, decided, empty] = [
      await createTestEvent(db, { STANDARD: 100 }),
      await createTestEvent(db, { STANDARD: 100 }),
      await createTestEvent(db, { STANDARD: 100 }),
      await createTestEvent(db, { STANDARD: 100 }),
    ];
    // In turns, so that the sequence numbers of the events are mixed.
    for (let n = 0; n < 3; n++) for (const event of [one, other, decided]) await placeOrders(db, event);
    await placeOrders(db, other);
    await decideAll(db, decided.id);
    const seqsOf = async (event: typeof one) => (await readOrders(db, event)).map(({ seq }) => seq);

    const counted = await countPending(db, [empty.id, other.id, decided.id, one.id, 1_000_000]);

    const found = counted.map(({ eventId, count, marks }) => ({ eventId, count, marks }));
    assert.deepEqual(
      found.toSorted((a, b) => a.eventId - b.eventId),
      [
        { eventId: one.id, count: 3, marks: await seqsOf(one) },
        { eventId: other.id, count: 4, marks: await seqsOf(other) },
      ],
    );
    assert.deepEqual(await countPending(db, []), []);
  });

  it("no longer counts orders that were decided", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const placed = await placeOrders(db, event, times(5, {}));
    await decideOnce(db, event.id, 2);
    const { count, marks } = await countOne(event.id);
    assert.deepEqual([count, marks], [3, placed.slice(2).map(({ seq }) => seq)]);
  });

  for (const [count, step] of [
    [500, 1],
    [501, 2],
    [4_321, 9],
  ] as const) {
    it(`gives at most ${marksMax} marks for ${count} orders, from which the place of each follows`, async () => {
      const event = await createTestEvent(db, { STANDARD: 10_000 });
      const other = await createTestEvent(db, { STANDARD: 10_000 });
      await placeOrders(db, other, times(7, {}));
      await placePendingOrders(db, event.code, count);
      await placeOrders(db, other, times(7, {}));
      const seqs = (await readOrders(db, event)).map(({ seq }) => seq);

      const counted = await countOne(event.id);

      assert.deepEqual([counted.count, counted.step], [count, step]);
      assert(counted.marks.length <= marksMax);
      assert.deepEqual(
        counted.marks,
        seqs.filter((_, place) => place % step === 0),
      );
      for (const [place, seq] of seqs.entries()) {
        const { ahead } = queuePosition(seq, counted, quiet);
        assert(Math.abs(ahead - place) < step, `${ahead} ahead instead of ${place}`);
      }
    });
  }
});
