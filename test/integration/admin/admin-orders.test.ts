import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { EventCounts, EventLine, OrderDetail } from "@onsale/admin/console/messages/messages";
import { changedChannel, returnedChannel } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import type { NewOrder } from "@onsale/database/statements/orders/insert-orders";
import { bucketOf, partitionOf } from "@onsale/domain/bucket";
import { queueName } from "@onsale/queue/lanes";
import { countJobs } from "@onsale/queue/queues";
import { sql } from "kysely";
import { type AdminClient, logIn, startAdminService } from "../../support/browser/admin.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders } from "../../support/database/factories.ts";
import { expireHold } from "../../support/database/holds.ts";
import { recordNotifications } from "../../support/database/notifications.ts";
import { assertSound, decideAll } from "../../support/database/sale.ts";
import { openQueue, queueSourceOf } from "../../support/services/queue-source.ts";
import { until } from "../../support/until.ts";

const hold = { terms: { holdSeconds: 600 } } as const;
const partitionCount = 4;
const readOnlyPassword = "a password of a reader";

describe("orders in the console", () => {
  let databaseUrl: string;
  let db: Db;
  let admin: AdminClient;

  before(async () => {
    databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    admin = await logIn(
      (await startAdminService({ DATABASE_URL: databaseUrl, PARTITIONS: String(partitionCount) })).url,
    );
  });

  /** An event of 10 tickets with decided orders, one for each part. */
  async function arrange(parts: readonly Partial<NewOrder>[]) {
    const event = await createTestEvent(db, { STANDARD: 10 });
    const ids = (await placeOrders(db, event, parts)).map(({ id }) => id);
    await decideAll(db, event.id);
    return { event, ids: (index: number) => ids[index] ?? "" };
  }

  const read = async (id: string): Promise<OrderDetail> => await admin.get(`/api/orders/${id}`);
  const line = async (eventId: number): Promise<EventLine> => await admin.get(`/api/events/${eventId}`);
  const stockOf = async (eventId: number) => {
    const { sold, held, expiring, available } = (await line(eventId)).inventory[0] ?? {};
    return [sold, held, expiring, available];
  };
  async function change(id: string, action: "confirm" | "cancel", body: object) {
    const { status, text } = await admin.send("POST", `/api/orders/${id}/${action}`, undefined, JSON.stringify(body));
    return [status, JSON.parse(text).message];
  }

  it("are confirmed by a person, with the reference of the payment", async () => {
    const { event, ids } = await arrange([{ ...hold, quantity: 2 }]);
    assert.deepEqual(await stockOf(event.id), [0, 2, 0, 8]);
    const held = await read(ids(0));
    assert(held.expiresInSeconds !== null && held.expiresInSeconds > 500 && held.expiresInSeconds <= 600);
    const body = { version: held.order.version, paymentReference: "pay-1" };
    assert.deepEqual(await change(ids(0), "confirm", body), [200, "The order is confirmed."]);
    const { order, paymentReference, expiresInSeconds, history } = await read(ids(0));
    assert.deepEqual([order.status, paymentReference, expiresInSeconds], ["CONFIRMED", "pay-1", null]);
    assert.deepEqual(
      history.map(({ from, to, actor }) => [from, to, actor]),
      [
        ["PENDING", "HELD", "onsale"],
        ["HELD", "CONFIRMED", "console admin"],
      ],
    );
    assert.deepEqual(await stockOf(event.id), [2, 0, 0, 8]);
    await assertSound(db, event);
  });

  it("are cancelled with a reason, in part and whole, and only as the person saw them", async () => {
    const { event, ids } = await arrange([{ quantity: 3 }]);
    const { version } = (await read(ids(0))).order;
    const some = { version, reason: "one is ill", items: [{ ticketType: "STANDARD", quantity: 1 }] };
    const [status, message] = await change(ids(0), "cancel", some);
    assert.deepEqual([status, message], [200, "The tickets are on sale again; the order keeps the others."]);
    const again = await change(ids(0), "cancel", some);
    assert.deepEqual(again, [409, "The order has changed since you looked at it. Look again, then decide."]);
    const tooMany = { ...some, version: version + 1, items: [{ ticketType: "STANDARD", quantity: 3 }] };
    assert.deepEqual(await change(ids(0), "cancel", tooMany), [409, "The order has fewer tickets than that."]);
    const rest = { version: version + 1, reason: "rain" };
    const words = "The order is cancelled; its tickets are on sale again.";
    assert.deepEqual(await change(ids(0), "cancel", rest), [200, words]);
    assert.deepEqual(
      (await read(ids(0))).history.map(({ to, actor, reason, items }) => [to, actor, reason, items]),
      [
        ["CONFIRMED", "onsale", null, []],
        ["CONFIRMED", "console admin", "one is ill", [{ ticketType: "STANDARD", quantity: 1 }]],
        ["CANCELLED", "console admin", "rain", []],
      ],
    );
    await applyReturns(db, [bucketOf(event.id)]);
    assert.deepEqual(await stockOf(event.id), [0, 0, 0, 10]);
    await assertSound(db, event);
  });

  it("are changed by bodies of exactly the right types and fields only", async () => {
    const { event, ids } = await arrange([{ quantity: 3 }]);
    const { version } = (await read(ids(0))).order;
    const reason = "rain";
    const one = { ticketType: "STANDARD", quantity: 1 };
    for (const body of [
      { version: String(version), reason },
      { version, reason, items: [{ ...one, quantity: "1" }] },
      { version, reason, items: null },
      { version, reason, item: [one] },
      { version, reason, items: [{ ...one, seats: 2 }] },
    ]) {
      const [status, message] = await change(ids(0), "cancel", body);
      assert.equal(status, 400, JSON.stringify(body));
      assert.match(message, /^In the form, .*\.$/);
    }
    assert.equal((await change(ids(0), "confirm", { version, paymentReference: 7 }))[0], 400);
    assert.deepEqual(await stockOf(event.id), [3, 0, 0, 7]);
  });

  it("that are held show which tickets come back within a minute, and are counted by status", async () => {
    const parts = [{ ...hold, quantity: 3 }, { terms: { holdSeconds: 30 } }, hold, hold, {}];
    const { event, ids } = await arrange(parts);
    await expireHold(db, ids(2));
    await applyReturns(db, [bucketOf(event.id)]);
    const { version } = (await read(ids(3))).order;
    await change(ids(3), "cancel", { version, reason: "rain" });
    assert.deepEqual(await stockOf(event.id), [1, 5, 1, 4]);
    const counts: EventCounts = await admin.get(`/api/events/${event.id}/counts`);
    assert.deepEqual(counts, { held: 2, expired: 1, cancelled: 1 });
    const late = await change(ids(2), "confirm", { version: (await read(ids(2))).order.version });
    assert.deepEqual([late[0], /^The hold had expired\./.test(String(late[1]))], [200, true]);
    await decideAll(db, event.id);
    assert.equal((await read(ids(2))).order.status, "CONFIRMED");
    assert.deepEqual(await admin.get(`/api/events/${event.id}/counts`), { held: 2, expired: 0, cancelled: 1 });
    await assertSound(db, event);
  });

  it("that are paid late are enqueued for the lane at once, and only then", async () => {
    const { event, ids } = await arrange([hold, hold]);
    await expireHold(db, ids(1));
    await applyReturns(db, [bucketOf(event.id)]);
    const name = queueName(partitionOf(event.id, partitionCount));
    const queue = await openQueue(queueSourceOf({ DATABASE_URL: databaseUrl }), name);
    await queue.drain();
    await change(ids(0), "confirm", { version: 2 });
    assert.equal((await countJobs(queue)).waiting, 0);
    assert.equal((await change(ids(1), "confirm", { version: 3, paymentReference: "pay-1" }))[0], 200);
    // No worker runs here that would take the job.
    assert.equal((await countJobs(queue)).waiting, 1);
    const other = await change(ids(1), "confirm", { version: 3, paymentReference: "pay-2" });
    assert.deepEqual([other[0], /is not recorded; try again\.$/.test(String(other[1]))], [409, true]);
    await decideAll(db, event.id);
    assert.equal((await read(ids(1))).order.status, "CONFIRMED");
    await assertSound(db, event);
  });

  it("show their items with prices, and their total", async () => {
    const prices = { STANDARD: { amount: 4_500, currency: "EUR" }, VIP: { amount: 9_000, currency: "EUR" } };
    const lines = [
      { ticketType: "VIP", quantity: 1 },
      { ticketType: "STANDARD", quantity: 2 },
    ];
    const event = await createTestEvent(db, { STANDARD: 10, VIP: 2 });
    const basket = { ticketType: null, quantity: 3, terms: { lines, prices, holdSeconds: 600 } };
    const [placed] = await placeOrders(db, event, [basket]);
    await decideAll(db, event.id);
    const { items, total } = await read(placed?.id ?? "");
    assert.deepEqual(total, { amount: 18_000, currency: "EUR" });
    assert.deepEqual(
      items,
      lines.map((item) => ({ ...item, unitPrice: item.ticketType === "VIP" ? prices.VIP : prices.STANDARD })),
    );
  });

  it("cannot be changed without a reason, from a wrong state, when unknown, or while an older process runs", async () => {
    const { ids } = await arrange([{ quantity: 11 }, {}]);
    const reason = "rain";
    const unknown = "01990000-0000-7000-8000-000000000000";
    for (const [id, body, status, words] of [
      [ids(1), { version: 2 }, 400, /reason is missing/],
      [ids(1), { version: 2, reason: "\u202e" }, 400, /reason must have a visible character/],
      [ids(1), { reason }, 400, /version is missing/],
      [ids(1), { version: 2, reason, items: [] }, 400, /items must not have fewer than 1 items/],
      [ids(0), { version: 2, reason }, 409, /^A rejected or expired order has no tickets/],
      [unknown, { version: 2, reason }, 404, /^There is no order/],
    ] as const) {
      const [actual, message] = await change(id, "cancel", body);
      assert.equal(actual, status, message);
      assert.match(message, words);
    }
    assert.equal((await change(ids(1), "confirm", { version: 2, paymentReference: "two words" }))[0], 400);
    await sql`
      INSERT INTO processes (id, kind, host, pid, version, started_at, seen_at, figures, capability)
      VALUES (gen_random_uuid(), 'worker', 'old', 1, '0.0.1', now(), now(), '{}', 1)`.execute(db);
    const [status, message] = await change(ids(1), "cancel", { version: 2, reason });
    assert.deepEqual([status, /once all processes have this version/.test(message)], [503, true]);
    await sql`DELETE FROM processes WHERE host = 'old'`.execute(db);
    assert.equal((await read(ids(1))).order.status, "CONFIRMED");
  });

  it("are not changed from other sites, without a session, or in read-only mode", async () => {
    const { ids } = await arrange([{}]);
    const body = JSON.stringify({ version: 2, reason: "rain" });
    const path = `/api/orders/${ids(0)}/cancel`;
    assert.equal((await admin.send("POST", path, { origin: "https://evil.example.com" }, body)).status, 403);
    const environment = { DATABASE_URL: databaseUrl, ADMIN_READ_ONLY: "1", ADMIN_PASSWORD: readOnlyPassword };
    const readOnlyService = await startAdminService(environment);
    const reader = await logIn(readOnlyService.url, readOnlyPassword);
    const refused = await reader.send("POST", path, undefined, body);
    assert.deepEqual([refused.status, refused.text.includes("ADMIN_READ_ONLY")], [403, true]);
    await reader.send("POST", "/logout");
    assert.equal((await reader.send("POST", path, undefined, body)).status, 401);
    assert.equal((await read(ids(0))).order.status, "CONFIRMED");
  });

  it("are announced when they change, and counted as in the gateways", async () => {
    const { event, ids } = await arrange([hold, {}]);
    const [changed, returned] = await Promise.all([
      recordNotifications(databaseUrl, changedChannel),
      recordNotifications(databaseUrl, returnedChannel),
    ]);
    await change(ids(0), "confirm", { version: 2 });
    await change(ids(1), "cancel", { version: 2, reason: "rain" });
    assert.deepEqual(
      await changed(),
      [ids(0), ids(1)].map((id) => id.replaceAll("-", "")),
    );
    assert.deepEqual(await returned(), [String(bucketOf(event.id))]);
    const closed = await until("the report counts the confirmed hold", async () => {
      const { rows } = await sql<{ closed: number | null }>`
        SELECT max((figures->>'orders_closed_total{outcome="confirmed"}')::int) AS closed
        FROM processes WHERE kind = 'admin'`.execute(db);
      return rows[0]?.closed ?? undefined;
    });
    assert(closed >= 1);
  });
});
