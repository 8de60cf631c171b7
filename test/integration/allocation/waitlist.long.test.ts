// What 100,000 orders on the waiting list of an event cost its other orders: pages of tables and indexes, compared with
// those of an event without a waiting list. The diagnostics have the figures.
import { strict as assert } from "node:assert";
import { before, describe, it, type TestContext } from "node:test";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { changeRules } from "@onsale/database/statements/rules/change-rules";
import { applyTransitions } from "@onsale/database/transitions/apply-transitions";
import { endWaiting } from "@onsale/database/transitions/end-waiting";
import { bucketOf } from "@onsale/domain/bucket";
import { createWaitlistPlaces } from "@onsale/gateway/results/waitlist-places";
import { makeOffers } from "@onsale/worker/offers";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import {
  createTestEvent,
  type PlacedOrder,
  placeOrders,
  type TestEvent,
  times,
} from "../../support/database/factories.ts";
import { assertSound, decideAll } from "../../support/database/sale.ts";
import { countBuffers } from "../../support/database/statements.ts";

const waitingCount = 100_000;
const groupSize = 2_000;
const batchCount = 20;
const batchSize = 200;
const ratioMax = 1.5;
const terms = { waitlist: true } as const;

describe("100,000 orders that wait", () => {
  let db: Db;
  let plain: TestEvent;
  let crowded: TestEvent;
  let holders: PlacedOrder[];
  let countPages: Awaited<ReturnType<typeof countBuffers>>;

  before(async () => {
    db = connect(await createTestDatabase());
    [plain, crowded] = [await createRuledEvent(), await createRuledEvent()];
    holders = await placeOrders(db, crowded, [{ ticketType: "VIP" }, { ticketType: "VIP", quantity: 2 }]);
    await decideAll(db, crowded.id);
    for (let placed = 0; placed < waitingCount; placed += groupSize) {
      await placeOrders(db, crowded, times(groupSize, { ticketType: "VIP", quantity: 2, terms }));
      await decideAll(db, crowded.id, groupSize);
    }
    await sql`VACUUM ANALYZE waiting`.execute(db);
    await sql`ANALYZE orders`.execute(db);
    countPages = await countBuffers(db);
  });

  async function createRuledEvent(): Promise<TestEvent> {
    const event = await createTestEvent(db, { STANDARD: 1_000_000, VIP: 3 });
    const owner = { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" };
    await db.transaction().execute((tx) => changeRules(tx, owner, {}));
    return event;
  }

  async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
    const startedAtMs = performance.now();
    await work();
    return performance.now() - startedAtMs;
  }

  /** How many times as many pages are touched by batches of the event with the list, and by the other's in turns. */
  async function compareBatches(context: TestContext, what: string): Promise<number> {
    const pages = new Map([plain, crowded].map((event) => [event, 0]));
    for (let batch = 0; batch < batchCount; batch++) {
      for (const event of [plain, crowded]) {
        await placeOrders(db, event, times(batchSize, {}));
        const touched = await countPages(() => decideAll(db, event.id));
        pages.set(event, (pages.get(event) ?? 0) + touched);
      }
    }
    const [without = 0, withList = 0] = [plain, crowded].map((event) => (pages.get(event) ?? 0) / batchCount);
    context.diagnostic(`${what}: a batch touches ${without} pages without a list, ${withList} with it`);
    return withList / without;
  }

  async function giveBack(order: PlacedOrder | undefined): Promise<void> {
    assert(order);
    const wish = { kind: "cancel", items: null, reason: null } as const;
    const { accountId, id: orderId } = order;
    await applyTransitions(db, [{ accountId, orderId, actor: "test", wish, key: null, matches: () => true }]);
    await applyReturns(db, [bucketOf(crowded.id)]);
  }

  it("cost a batch nothing while nothing comes back", async (context) => {
    const ratio = await compareBatches(context, "nothing came back");
    assert(ratio < ratioMax, `a batch touches ${ratio} times as many pages`);
  });

  it("are passed in an index by a ticket that fits none of them, and the first in line is offered two", async (context) => {
    await giveBack(holders[0]);
    let offered = 0;
    const offer = async () => {
      offered = (await makeOffers(db, crowded.id)) ?? 0;
    };
    const nonePages = await countPages(offer);
    assert.equal(offered, 0);
    await giveBack(holders[1]);
    const firstPages = await countPages(offer);
    assert.equal(offered, 1);
    context.diagnostic(`an offer touches ${firstPages} pages, to find that none fits ${nonePages}`);
    assert(nonePages < waitingCount / 10, `to find that none fits touches ${nonePages} pages`);
    const ratio = await compareBatches(context, "a ticket is left that fits none");
    assert(ratio < ratioMax, `a batch touches ${ratio} times as many pages`);
  });

  it("are asked for their places by thousands at the same time, with few reads", async (context) => {
    const { rows } = await sql<{ eventId: number; seq: number }>`
      SELECT event_id AS "eventId", seq FROM waiting WHERE event_id = ${crowded.id} ORDER BY seq`.execute(db);
    const asked = rows.filter((_, index) => index % 20 === 0);
    const places = createWaitlistPlaces(db);
    let found: Awaited<ReturnType<typeof places.placeOf>>[] = [];
    const tookMs = await millisecondsOf(async () => {
      found = await Promise.all(asked.map((order) => places.placeOf(order)));
    });
    context.diagnostic(`${asked.length} places take ${tookMs.toFixed(0)} ms`);
    assert.deepEqual(
      found.map((place) => place?.position),
      asked.map((_, index) => index * 20 + 1),
    );
  });

  it("are cancelled when the sale ends, each once", async (context) => {
    await db.updateTable("events").set({ sales_end: sql`now()` }).where("id", "=", crowded.id).execute();
    let count = 0;
    const tookMs = await millisecondsOf(async () => {
      for (;;) {
        const ended = await endWaiting(db);
        if (ended === null) break;
        count += ended.orderIds.length;
        await applyReturns(db, [bucketOf(crowded.id)]);
      }
    });
    context.diagnostic(`${count} orders are cancelled in ${(tookMs / 1_000).toFixed(1)} s`);
    assert.equal(count, waitingCount - 1);
    while ((await applyReturns(db, [bucketOf(crowded.id)])).returnedCount > 0);
    await assertSound(db, crowded);
  });
});
