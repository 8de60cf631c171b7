import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { catalogueChannel } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import { changeRules } from "@onsale/database/statements/rules/change-rules";
import { bucketOf } from "@onsale/domain/bucket";
import { createCustomerHash } from "@onsale/security/customer-hash";
import { decideBatch } from "@onsale/worker/batch";
import fc from "fast-check";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { recordNotifications } from "../../support/database/notifications.ts";
import { assertSound, decideAll, readOrders } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";

describe("setting how many tickets there are", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  const setTotal = ({ id, accountId, code }: TestEvent, total: number, ticketType = "STANDARD") =>
    setInventoryTotal(db, { accountId, eventId: id, eventCode: code, ticketType, total, actor: "test" });

  const readHistory = async (event: TestEvent) => {
    const { rows } = await sql<{ total: number; afterSeq: number }>`
      SELECT total, after_seq AS "afterSeq" FROM inventory_totals WHERE event_id = ${event.id} ORDER BY id`.execute(db);
    return rows.map(({ total, afterSeq }) => [total, afterSeq]);
  };

  const readVersion = async (event: TestEvent) => {
    const { rows } = await sql<{ version: number }>`
      SELECT version FROM inventory WHERE event_id = ${event.id}`.execute(db);
    return rows[0]?.version;
  };

  /** An event of 10 tickets, 4 of which are sold, and the `seq` of the last order that was decided. */
  async function arrangeSold() {
    const event = await createTestEvent(db, { STANDARD: 10 });
    const [, last] = await placeOrders(db, event, [{ quantity: 3 }, {}]);
    await decideAll(db, event.id);
    return { event, lastSeq: last?.seq ?? 0 };
  }

  it("creates a ticket type that is new", async () => {
    const event = await createTestEvent(db, {});
    const inventory = { ticketType: "STANDARD", total: 5, sold: 0, held: 0, available: 5 };
    assert.deepEqual(await setTotal(event, 5), { kind: "created", inventory });
    assert.deepEqual(await getInventory(db, event.id), [inventory]);
    assert.deepEqual(await readHistory(event), [[5, 0]]);
  });

  it("raises a total, with a new version, and records after which decision", async () => {
    const { event, lastSeq } = await arrangeSold();
    const before = (await readVersion(event)) ?? 0;
    const inventory = { ticketType: "STANDARD", total: 12, sold: 4, held: 0, available: 8 };
    assert.deepEqual(await setTotal(event, 12), { kind: "updated", inventory });
    assert.deepEqual(await getInventory(db, event.id), [inventory]);
    assert.equal(await readVersion(event), before + 1);
    assert.deepEqual(await readHistory(event), [
      [10, 0],
      [12, lastSeq],
    ]);
  });

  it("lowers a total to the number of allocated tickets, and no further", async () => {
    const { event, lastSeq } = await arrangeSold();
    assert.deepEqual(await setTotal(event, 3), { kind: "below-allocated", allocated: 4 });
    const unchanged = { ticketType: "STANDARD", total: 10, sold: 4, held: 0, available: 6 };
    assert.deepEqual(await getInventory(db, event.id), [unchanged]);
    assert.deepEqual(await readHistory(event), [[10, 0]]);

    const lowest = { ticketType: "STANDARD", total: 4, sold: 4, held: 0, available: 0 };
    assert.deepEqual(await setTotal(event, 4), { kind: "updated", inventory: lowest });
    assert.deepEqual(await getInventory(db, event.id), [lowest]);
    assert.deepEqual(await readHistory(event), [
      [10, 0],
      [4, lastSeq],
    ]);
  });

  it("changes nothing when the total is the same", async () => {
    const { event } = await arrangeSold();
    const before = await readVersion(event);
    const inventory = { ticketType: "STANDARD", total: 10, sold: 4, held: 0, available: 6 };
    assert.deepEqual(await setTotal(event, 10), { kind: "updated", inventory });
    assert.equal(await readVersion(event), before);
    assert.deepEqual(await readHistory(event), [[10, 0]]);
  });

  it("does not change the event's other ticket types", async () => {
    const event = await createTestEvent(db, { STANDARD: 10, VIP: 3 });
    await setTotal(event, 7, "VIP");
    const totals = (await getInventory(db, event.id)).map(({ ticketType, total }) => [ticketType, total]);
    assert.deepEqual(totals, [
      ["STANDARD", 10],
      ["VIP", 7],
    ]);
  });

  it("creates a ticket type once when several set it at once", async () => {
    const event = await createTestEvent(db, {});
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map((total) => setTotal(event, total)));
    assert.deepEqual(results.map(({ kind }) => kind).sort(), ["created", ...times(5, "updated")]);
    const [stock] = await getInventory(db, event.id);
    const history = await readHistory(event);
    assert.deepEqual([history.length, history.at(-1)], [6, [stock?.total, 0]]);
    assert.equal(await readVersion(event), 6);
  });

  it("is announced when it changes something", async () => {
    const event = await createTestEvent(db, { STANDARD: 5 });
    const readNotified = await recordNotifications(url, catalogueChannel);
    await setTotal(event, 6);
    await setTotal(event, 6);
    await setTotal(event, 1, "VIP");
    assert.deepEqual(await readNotified(), times(2, `${event.accountId}:${event.code}`));
  });

  it("an order that was rejected is not decided again when the total is raised, but later ones are", async () => {
    const event = await createTestEvent(db, { STANDARD: 0 });
    await placeOrders(db, event);
    await decideAll(db, event.id);
    await setTotal(event, 1);
    await placeOrders(db, event);
    await decideAll(db, event.id);
    assert.deepEqual(
      (await readOrders(db, event)).map((order) => order.status),
      ["REJECTED", "CONFIRMED"],
    );
    await assertSound(db, event);
  });

  it("puts a new type under the rules that the event gets at the same moment", async () => {
    const event = await createTestEvent(db, { STANDARD: 10 });
    const { tx, commit } = await openTransaction(db);
    const owner = { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" };
    await changeRules(tx, owner, { maxPerCustomer: 1 });
    const setting = setTotal(event, 5, "VIP");
    await untilBlocked(db);
    await commit();
    assert.equal((await setting).kind, "created");
    const { rows } = await sql`
      SELECT ticket_type AS type, pools FROM inventory WHERE event_id = ${event.id} AND pools IS NOT NULL
      ORDER BY ticket_type`.execute(db);
    assert.deepEqual(rows, [
      { type: "STANDARD", pools: ["event"] },
      { type: "VIP", pools: ["event"] },
    ]);
    await placeOrders(db, event, times(3, { ticketType: "VIP", customerRef: "anna" }));
    const hashCustomer = createCustomerHash(Buffer.alloc(32, 7));
    await decideBatch(db, { buckets: [bucketOf(event.id)], countMax: 500, hashCustomer });
    assert.deepEqual(
      (await readOrders(db, event)).map((order) => order.status),
      ["CONFIRMED", "REJECTED", "REJECTED"],
    );
    await assertSound(db, event);
  });

  it("gives an event at most 64 ticket types, also when new ones come together", async () => {
    const event = await createTestEvent(db, Object.fromEntries(times(62, ["T"]).map((_, n) => [`T${n}`, 1])));

    const results = await Promise.all(["A", "B", "C", "D"].map((type) => setTotal(event, 5, type)));

    const kinds = results.map(({ kind }) => kind).sort();
    assert.deepEqual(kinds, ["created", "created", "too-many-ticket-types", "too-many-ticket-types"]);
    assert.equal((await getInventory(db, event.id)).length, 64);
    assert.equal((await setTotal(event, 7, "T0")).kind, "updated");
  });

  it("is never below the allocated tickets, and every read adds up, while tickets are sold", async () => {
    const change = fc.integer({ min: 0, max: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 3, maxLength: 12 }), async (totals) => {
        const event = await createTestEvent(db, { STANDARD: 15 });
        const quantities = times(10, [1, 2, 3, 4]).flat();
        await placeOrders(
          db,
          event,
          quantities.map((quantity, n) => ({ quantity, strategy: n % 8 < 4 ? "optimistic" : "pessimistic" })),
        );
        let isSelling = true;
        const change = async () => {
          for (const total of totals) {
            const result = await setTotal(event, total);
            if (result.kind === "below-allocated") assert(total < result.allocated);
            else assert("inventory" in result && result.inventory.available >= 0 && result.inventory.total === total);
          }
        };
        const watch = async () => {
          while (isSelling) {
            for (const { total, sold, held, available } of await getInventory(db, event.id)) {
              assert(sold >= 0 && available >= 0 && sold + held + available === total);
            }
          }
        };
        const watching = watch();
        await Promise.all([decideAll(db, event.id, 2), decideAll(db, event.id, 3), change()]);
        isSelling = false;
        await watching;
        await decideAll(db, event.id);
        await assertSound(db, event);
      }),
      { numRuns: 12 },
    );
  });
});
