import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { findLeftBehind } from "@onsale/database/statements/pending/find-left-behind";
import { summarisePending } from "@onsale/database/statements/pending/summarise-pending";
import { bucketOf } from "@onsale/domain/bucket";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";

describe("how long orders have been pending", () => {
  let db: Db;

  beforeEach(async () => {
    db = connect(await createTestDatabase());
  });

  const findBuckets = async (ageMs: number) => (await findLeftBehind(db, ageMs)).map(({ bucket }) => bucket);
  const bucketsOfEvents = (events: readonly TestEvent[]) =>
    [...new Set(events.map((event) => bucketOf(event.id)))].toSorted((x, y) => x - y);

  /** Makes an event's orders older. */
  async function age(event: TestEvent, seconds: number): Promise<void> {
    await sql`UPDATE orders SET created_at = created_at - ${seconds}::int * interval '1 second'
              WHERE event_id = ${event.id}`.execute(db);
  }

  const createEventWithOrders = async (count: number) => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    await placeOrders(db, event, times(count, {}));
    return event;
  };

  it("finds exactly the buckets whose first pending order is old", async () => {
    assert.deepEqual(await findBuckets(0), []);
    const old = await createEventWithOrders(2);
    await age(old, 60);
    await placeOrders(db, old);
    const decided = await createEventWithOrders(2);
    await age(decided, 60);
    await decideAll(db, decided.id);
    await createEventWithOrders(2);
    await createTestEvent(db, { STANDARD: 1_000 });
    const older = await createEventWithOrders(1);
    await age(older, 600);
    await placeOrders(db, older);

    assert.deepEqual(await findBuckets(30_000), bucketsOfEvents([old, older]));
    assert.deepEqual(await findBuckets(300_000), bucketsOfEvents([older]));
    assert.deepEqual(await findBuckets(900_000), []);
  });

  it("gives the `seq` of that order", async () => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    const [first] = await placeOrders(db, event, times(2, {}));
    await age(event, 7_200);
    assert.deepEqual(await findLeftBehind(db, 3_600_000), [{ bucket: bucketOf(event.id), seq: first?.seq }]);
  });

  it("no longer finds a bucket whose old orders were decided, though it has new ones", async () => {
    const event = await createEventWithOrders(3);
    await age(event, 60);
    await decideAll(db, event.id);
    await placeOrders(db, event);
    assert.deepEqual(await findBuckets(30_000), []);
  });

  it("finds the buckets of many events, each once", async () => {
    const events: TestEvent[] = [];
    for (let n = 0; n < 80; n++) events.push(await createEventWithOrders(1 + (n % 3)));
    for (const event of events) await age(event, 60);
    assert.deepEqual(await findBuckets(1_000), bucketsOfEvents(events));
  });

  it("counts all pending orders and gives the age of the oldest", async () => {
    assert.deepEqual(await summarisePending(db), { count: 0, oldestAgeSeconds: 0 });
    const old = await createEventWithOrders(2);
    await age(old, 60);
    await createEventWithOrders(3);
    const { count, oldestAgeSeconds } = await summarisePending(db);
    assert.equal(count, 5);
    assert(oldestAgeSeconds >= 60 && oldestAgeSeconds < 90, `${oldestAgeSeconds} s`);

    await decideAll(db, old.id);
    const rest = await summarisePending(db);
    assert.equal(rest.count, 3);
    assert(rest.oldestAgeSeconds >= 0 && rest.oldestAgeSeconds < 30, `${rest.oldestAgeSeconds} s`);
  });

  it("is never negative, even when the clock was set back", async () => {
    const event = await createEventWithOrders(1);
    await age(event, -60);
    assert.deepEqual(await summarisePending(db), { count: 1, oldestAgeSeconds: 0 });
    assert.deepEqual(await findBuckets(0), []);
  });
});
