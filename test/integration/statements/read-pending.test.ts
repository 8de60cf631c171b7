import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { readCounters } from "@onsale/database/statements/allocation/read-counters";
import { readPending } from "@onsale/database/statements/allocation/read-pending";
import { bucketCount, bucketOf } from "@onsale/domain/bucket";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { decideAll, decideOnce } from "../../support/database/sale.ts";

/** Of a ticket type of an event without rules. */
const plainStock = {
  waiting: 0,
  pools: null,
  maxPerCustomer: null,
  offerDueSinceUs: null,
  isCancelled: false,
  isSaleEnded: false,
};

describe("reading pending orders", () => {
  let db: Db;

  beforeEach(async () => {
    db = connect(await createTestDatabase());
  });

  const read = (events: readonly TestEvent[], countMax = 100) =>
    readPending(
      db,
      events.map((event) => bucketOf(event.id)),
      countMax,
    );

  /** The next event that falls into the same bucket. */
  async function createNeighbour(event: TestEvent): Promise<TestEvent> {
    await sql`SELECT setval('events_id_seq', ${event.id + bucketCount}::bigint, false)`.execute(db);
    const neighbour = await createTestEvent(db, { STANDARD: 100 });
    assert.equal(bucketOf(neighbour.id), bucketOf(event.id));
    return neighbour;
  }

  it("gives orders in arrival order, whatever their ids are", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const placed = await placeOrders(
      db,
      event,
      times(50, null).map(() => ({ id: randomUUID() })),
    );
    assert.deepEqual(
      (await read([event])).map((order) => order.id),
      placed.map((order) => order.id),
    );
  });

  it("gives everything that a decision needs, and when the order was accepted", async () => {
    const event = await createTestEvent(db, { VIP: 100 });
    const [first] = await placeOrders(db, event, [{ ticketType: "VIP", quantity: 30 }]);
    await decideAll(db, event.id);
    const [placed] = await placeOrders(db, event, [
      { ticketType: "VIP", quantity: 3, strategy: "pessimistic" },
      { ticketType: "NOWHERE" },
    ]);
    const [pending, nowhere] = await read([event]);
    assert(first && placed && pending && nowhere);
    const { createdAtMs, ctid, ...rest } = pending;
    assert.deepEqual(rest, {
      id: placed.id,
      seq: placed.seq,
      eventId: event.id,
      lines: [{ ticketType: "VIP", quantity: 3 }],
      allowPartial: false,
      holdSeconds: null,
      waits: false,
      codeId: null,
      customer: null,
      paymentId: null,
      isReady: true,
      strategy: "pessimistic",
    });
    assert.equal(Math.floor(createdAtMs), placed.createdAt.getTime());
    const { rows } = await sql<{ id: string }>`SELECT id FROM orders WHERE ctid = ${ctid}::tid`.execute(db);
    assert.deepEqual(rows, [{ id: placed.id }]);
    const types = [pending, nowhere].flatMap(({ eventId, lines }) => lines.map((line) => ({ eventId, ...line })));
    assert.deepEqual(await readCounters(db, types), [
      { eventId: event.id, ticketType: "VIP", limit: 100, used: 30, version: 2, ...plainStock },
    ]);
  });

  it("gives the orders of all events of several buckets, in arrival order", async () => {
    const one = await createTestEvent(db, { STANDARD: 100 });
    const other = await createTestEvent(db, { STANDARD: 100 });
    const elsewhere = await createTestEvent(db, { STANDARD: 100 });
    const neighbour = await createNeighbour(one);
    const seqs: number[] = [];
    for (const event of [other, one, neighbour, one, other]) {
      seqs.push(...(await placeOrders(db, event, times(2, {}))).map(({ seq }) => seq));
      await placeOrders(db, elsewhere);
    }
    assert.deepEqual(
      (await read([one, other])).map(({ seq }) => seq),
      seqs,
    );
  });

  it("gives the first orders up to the limit, and at most 500 of a bucket", async () => {
    const hot = await createTestEvent(db, { STANDARD: 1_000 });
    const quiet = await createTestEvent(db, { STANDARD: 1_000 });
    const backlog = await placeOrders(db, hot, times(600, {}));
    const late = await placeOrders(db, quiet, times(3, {}));
    const readIds = async (countMax: number) => (await read([hot, quiet], countMax)).map(({ id }) => id);
    const ids = (orders: readonly { id: string }[]) => orders.map(({ id }) => id);
    assert.deepEqual(await readIds(3), ids(backlog.slice(0, 3)));
    assert.deepEqual(await readIds(1_000), ids([...backlog.slice(0, 500), ...late]));
  });

  it("gives no decided orders", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const neighbour = await createNeighbour(event);
    await placeOrders(db, event, times(4, {}));
    const later = await placeOrders(db, neighbour, times(2, {}));
    await decideOnce(db, event.id, 5);
    assert.deepEqual(
      (await read([event])).map(({ id }) => id),
      [later[1]?.id],
    );
    await decideAll(db, event.id);
    assert.deepEqual(await read([event, neighbour]), []);
  });
});
