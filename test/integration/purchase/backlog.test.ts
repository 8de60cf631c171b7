// How many orders are pending, as a gateway knows it, and from when on it refuses purchases.
import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { countBacklog } from "@onsale/database/statements/pending/count-backlog";
import { type Backlog, createBacklog } from "@onsale/gateway/overload/backlog";
import { allFloor, eventFloor } from "@onsale/gateway/overload/lines";
import { createDecisions, type Decisions } from "@onsale/gateway/results/decisions";
import { createQueueEstimates } from "@onsale/gateway/results/queue-estimates";
import { createMetrics } from "@onsale/observability/metrics";
import { atEnd } from "../../support/cleanup.ts";
import { ageOrders, placePendingOrders } from "../../support/database/backlog.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";

const pendingSeconds = 15;
/** What may be pending while the rate is not known, at 1,000 a second. */
const unmeasuredLimit = 15_000;

describe("the backlog", () => {
  let db: Db;
  let decisions: Decisions;
  let backlog: Backlog;
  let event: TestEvent;

  const open = () => {
    decisions = createDecisions();
    const queueEstimates = createQueueEstimates(db, decisions);
    const parts = { db, decisions, queueEstimates, metrics: createMetrics(), onError: assert.fail };
    const opened = createBacklog(parts, pendingSeconds);
    atEnd(opened.close);
    return opened;
  };

  beforeEach(async () => {
    db = connect(await createTestDatabase());
    event = await createTestEvent(db, { STANDARD: 100_000 });
    backlog = open();
    await backlog.count();
  });

  const isFull = (eventId: number) => backlog.isFull(eventId);
  const announce = (eventId: number, count: number) => decisions.publish({ eventId, seq: 1, count, soldOut: [] });

  it("is that of each event with pending orders", async () => {
    const [other, decided] = [await createTestEvent(db, { STANDARD: 9 }), await createTestEvent(db, { STANDARD: 9 })];
    await placeOrders(db, event, times(3, {}));
    await placeOrders(db, other, times(2, {}));
    await placeOrders(db, decided, times(2, {}));
    await decideAll(db, decided.id);
    await ageOrders(db, other.code, 60);
    const found = (await countBacklog(db)).toSorted((a, b) => a.eventId - b.eventId);
    assert.deepEqual(
      found.map(({ eventId, count }) => [eventId, count]),
      [
        [event.id, 3],
        [other.id, 2],
      ],
    );
    const [young = 99, old = 0] = found.map(({ oldestAgeSeconds }) => oldestAgeSeconds);
    assert(young >= 0 && young < 30 && old >= 60 && old < 90, `${young} s, ${old} s`);
  });

  it("has what this gateway submitted and recorded and all workers decided since the count, without a query", () => {
    backlog.noteAccepted(event.id, unmeasuredLimit - 1);
    assert.equal(isFull(event.id), false);
    backlog.noteSubmitted(event.id);
    assert.equal(isFull(event.id), true);
    backlog.noteAnswered(event.id);
    assert.equal(isFull(event.id), false);
    backlog.noteAccepted(event.id, 1);
    assert.equal(isFull(event.id), true);
    announce(event.id, 1);
    assert.equal(isFull(event.id), false);
  });

  it("has what other gateways recorded once it is counted again, and what was decided is gone", async () => {
    await placePendingOrders(db, event.code, eventFloor);
    await ageOrders(db, event.code, 60);
    await backlog.count();
    assert.equal(isFull(event.id), true);
    const { code, retryable, retryAfterSeconds, message } = backlog.problemOf(event.id);
    assert.deepEqual([code, retryable, retryAfterSeconds], ["queue-full", true, 15]);
    assert.match(message, /^1000 orders of this event wait for a decision\. .* 15 s/);
    await decideAll(db, event.id);
    await backlog.count();
    assert.equal(isFull(event.id), false);
  });

  it("says when to come back, by the rate at which the event's orders are decided", async () => {
    await placePendingOrders(db, event.code, 2_000);
    await ageOrders(db, event.code, 60);
    announce(event.id, 25);
    await backlog.count();
    // The rate is at most 100 a second: a quarter of a second is assumed at least.
    const { retryAfterSeconds } = backlog.problemOf(event.id);
    assert(retryAfterSeconds >= 10 && retryAfterSeconds <= 15, `${retryAfterSeconds} s`);
  });

  it("that is long does not close other events, unless all together are over their limit", async () => {
    const other = await createTestEvent(db, { STANDARD: 10 });
    await placePendingOrders(db, event.code, eventFloor);
    await ageOrders(db, event.code, 60);
    await backlog.count();
    assert.deepEqual([isFull(event.id), isFull(other.id)], [true, false]);
  });

  it("of all events has a limit, and an event below its share of that still sells", async () => {
    const events = [event];
    while (events.length < 6) events.push(await createTestEvent(db, { STANDARD: 2_000 }));
    for (const { code } of events) {
      await placePendingOrders(db, code, 900);
      await ageOrders(db, code, 60);
    }
    assert(events.length * 900 > allFloor && 900 < eventFloor);
    await backlog.count();
    assert.equal(isFull(event.id), true);
    assert.match(backlog.problemOf(event.id).message, /^5400 orders wait for a decision/);
    const quiet = await createTestEvent(db, { STANDARD: 10 });
    assert.equal(isFull(quiet.id), false);
  });

  it("goes by the last count while the database does not answer, and refuses nothing because of that", async () => {
    await db.destroy();
    await assert.rejects(backlog.count());
    assert.equal(isFull(event.id), false);
  });
});
