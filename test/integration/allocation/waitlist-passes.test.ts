// Waiting lists that take more than one look, or whose counters are wrong.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { findOffersDue } from "@onsale/database/statements/waiting-list/read-waiting";
import { bucketOf } from "@onsale/domain/bucket";
import { createMetrics } from "@onsale/observability/metrics";
import { makeOffers, type Passes } from "@onsale/worker/offers";
import { startReturns } from "@onsale/worker/returns";
import { createTurns } from "@onsale/worker/turns";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type PlacedOrder, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { assertSound, decideAll, readOrders } from "../../support/database/sale.ts";
import { basketOf, createWaitlist, standard, terms, type Waitlist } from "../../support/database/waitlist.ts";
import { untilTrue } from "../../support/until.ts";

describe("a waiting list", () => {
  let db: Db;
  let waitlist: Waitlist;
  before(async () => {
    db = connect(await createTestDatabase());
    waitlist = createWaitlist(db);
  });

  it("whose counters are wrong does not keep the tickets of other events", async () => {
    const broken = await waitlist.sellOut({ STANDARD: 1 }, [{ terms }]);
    const sound = await waitlist.sellOut({ STANDARD: 2 }, []);
    await waitlist.cancel(broken.orders[0]);
    await waitlist.cancel(sound.holders[0]);
    const setWaiting = (count: number) => {
      return sql`UPDATE inventory SET waiting = ${count} WHERE event_id = ${broken.event.id}`.execute(db);
    };
    await setWaiting(0);
    const failedIds = new Set<number>();
    const onError = () => undefined;
    const returns = startReturns(db, createTurns(), createMetrics(), onError, (eventId) => failedIds.add(eventId));
    atEnd(returns.close);
    await untilTrue("the tickets of the other event are back", async () => {
      return (await getInventory(db, sound.event.id))[0]?.available === 2;
    });
    assert.deepEqual([...failedIds], [broken.event.id]);
    await setWaiting(1);
    await untilTrue("so is what the first one had", async () => {
      const { rows } = await sql`SELECT FROM returns WHERE event_id = ${broken.event.id}`.execute(db);
      return rows.length === 0;
    });
    await returns.close();
    await assertSound(db, broken.event);
    await assertSound(db, sound.event);
  });

  describe("that is longer than what one transaction looks at", () => {
    const listLength = 2_100;
    const basket = basketOf([
      { ticketType: "STANDARD", quantity: 1 },
      { ticketType: "VIP", quantity: 2 },
    ]);
    const fitting = basketOf([
      { ticketType: "STANDARD", quantity: 1 },
      { ticketType: "VIP", quantity: 1 },
    ]);
    /** Many baskets that one VIP ticket does not fit, and then one that it does. */
    async function arrange() {
      const { event, holders, orders } = await waitlist.sellOut({ STANDARD: 9, VIP: 4 }, [
        ...times(listLength, basket),
        fitting,
      ]);
      await waitlist.cancel(holders[0], standard(5));
      await waitlist.cancel(holders[1], vip(1));
      await applyReturns(db, [bucketOf(event.id)]);
      return { event, vipHolder: holders[1], first: orders[0], last: orders.at(-1) };
    }
    const vip = (quantity: number) => [{ ticketType: "VIP", quantity }];
    const isDue = async ({ id }: TestEvent) => (await findOffersDue(db)).includes(id);
    const statusOf = async (event: TestEvent, order: PlacedOrder | undefined) => {
      return (await readOrders(db, event)).find(({ id }) => id === order?.id)?.status;
    };

    it("is looked through in parts, also when the tickets of others come back between them", async () => {
      const { event, last } = await arrange();
      const passes: Passes = new Map();
      assert.equal(await makeOffers(db, event.id, passes), 0);
      assert.equal(await isDue(event), true);
      const [other] = await placeOrders(db, event, [{ ticketType: "STANDARD" }]);
      await waitlist.cancel(other);
      await sql`UPDATE inventory SET version = version + 1, generation = (version + 1) >> 6
                WHERE event_id = ${event.id} AND ticket_type = 'event'`.execute(db);
      assert.equal(await makeOffers(db, event.id, passes), 1);
      assert.equal(await statusOf(event, last), "HELD");
      for (let part = 0; part < 2; part++) await makeOffers(db, event.id, passes);
      assert.deepEqual([await isDue(event), passes.size], [false, 0]);
      await decideAll(db, event.id);
      await assertSound(db, event);
    });

    it("offers the first in line what came back meanwhile, and not who is next in this part", async () => {
      const { event, vipHolder, first, last } = await arrange();
      await waitlist.cancel(last);
      await applyReturns(db, [bucketOf(event.id)]);
      const passes: Passes = new Map();
      assert.equal(await makeOffers(db, event.id, passes), 0);
      await waitlist.cancel(vipHolder, vip(1));
      await applyReturns(db, [bucketOf(event.id)]);
      assert.equal(await makeOffers(db, event.id, passes), 0);
      assert.equal(await isDue(event), true);
      assert.equal(await makeOffers(db, event.id, passes), 1);
      assert.equal(await statusOf(event, first), "HELD");
      await assertSound(db, event);
    });
  });
});
