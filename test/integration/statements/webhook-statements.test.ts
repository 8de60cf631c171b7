import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { webhooksChannel } from "@onsale/database/announcements/channels";
import { createDatabase, type Db } from "@onsale/database/client";
import { listDeliveries } from "@onsale/database/statements/deliveries/list-deliveries";
import { oldestUndeliveredAge } from "@onsale/database/statements/deliveries/oldest-undelivered";
import { recordAttempt } from "@onsale/database/statements/deliveries/record-attempt";
import { type DeliveryChoice, redeliver, redeliverPage } from "@onsale/database/statements/deliveries/redeliver";
import { createWebhook, webhookCountMax } from "@onsale/database/statements/webhooks/create-webhook";
import { countWebhooks } from "@onsale/database/statements/webhooks/get-webhooks";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { defaultAccountId as accountId, createAccount, times } from "../../support/database/factories.ts";
import { recordNotifications } from "../../support/database/notifications.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import {
  createDeliveries,
  createEndpoint,
  disableEndpoint,
  newAttempt,
  readDelivery,
  successfulAttempt,
} from "../../support/webhooks/webhook-factories.ts";

let url: string;
let db: Db;

before(async () => {
  url = await createTestDatabase();
  db = connect(url);
});

describe("sending deliveries again", () => {
  /** An endpoint with a delivered delivery, one that failed after two attempts, and one that is tried again later. */
  async function arrange() {
    const endpoint = await createEndpoint(db, { accountId });
    const [delivered = "", failed = "", pending = ""] = await createDeliveries(db, endpoint, 3);
    await recordAttempt(db, successfulAttempt(delivered));
    await recordAttempt(db, newAttempt(failed));
    await recordAttempt(db, newAttempt(failed, { attemptCount: 1, nextDelayMs: null }));
    await recordAttempt(db, newAttempt(pending, { nextDelayMs: 3_600_000 }));
    const states = async () =>
      Promise.all(
        [delivered, failed, pending].map(async (id) => {
          const { status, attempt_count, schedule_step, next_attempt_at } = await readDelivery(db, id);
          return [status, attempt_count, schedule_step, next_attempt_at.getTime() <= Date.now() + 60_000];
        }),
      );
    return { endpoint, delivered, failed, pending, states };
  }
  const asBefore = [
    ["DELIVERED", 1, 1, true],
    ["FAILED", 2, 2, true],
    ["PENDING", 1, 1, false],
  ] as const;
  const redeliverAll = async (id: string, choice: DeliveryChoice) =>
    (await redeliverPage(db, id, choice, { afterSeq: 0, beforeSeq: 1e15 }, 100)).count;
  const always = { createdFrom: new Date(0), createdBefore: new Date("9999-01-01") };

  it("makes one due at once, under its id, and begins its schedule anew", async () => {
    const { endpoint, delivered, failed, pending, states } = await arrange();
    assert.equal(await redeliver(db, endpoint, failed), true);
    assert.deepEqual(await states(), [asBefore[0], ["PENDING", 2, 0, true], asBefore[2]]);
    assert.equal(await redeliver(db, endpoint, delivered), true);
    assert.equal(await redeliver(db, endpoint, pending), true);
    assert.deepEqual(await states(), [
      ["PENDING", 1, 0, true],
      ["PENDING", 2, 0, true],
      ["PENDING", 1, 0, true],
    ]);
    await recordAttempt(db, successfulAttempt(failed, 2));
    const [list] = (await listDeliveries(db, endpoint, { status: "DELIVERED" }, { offset: 0 }, 10)).filter(
      ({ id }) => id === failed,
    );
    assert.deepEqual(
      list?.attempts.map(({ number, result }) => [number, result]),
      [
        [3, "delivered"],
        [2, "http-error"],
        [1, "http-error"],
      ],
    );
  });

  it("takes the failed ones of a time range, and the delivered ones only on request", async () => {
    const { endpoint, states } = await arrange();
    assert.equal(await redeliverAll(endpoint, { ...always, includeDelivered: false }), 1);
    assert.deepEqual(await states(), [asBefore[0], ["PENDING", 2, 0, true], asBefore[2]]);
    const all = await arrange();
    assert.equal(await redeliverAll(all.endpoint, { ...always, includeDelivered: true }), 3);
    assert.deepEqual(
      (await all.states()).map(([status]) => status),
      ["PENDING", "PENDING", "PENDING"],
    );
  });

  it("includes the beginning of a time range, and excludes its end", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await createDeliveries(db, endpoint, 3);
    const moments = ["2030-01-01T00:00:00Z", "2030-01-01T00:00:01Z", "2030-01-01T00:00:02Z"].map((at) => new Date(at));
    const [first = new Date(), , last = new Date()] = moments;
    for (const [index, id] of ids.entries()) {
      await recordAttempt(db, newAttempt(id, { nextDelayMs: null }));
      await sql`UPDATE webhook_deliveries SET created_at = ${moments[index]} WHERE id = ${id}`.execute(db);
    }
    const range = { createdFrom: first, createdBefore: last, includeDelivered: false };
    assert.equal(await redeliverAll(endpoint, range), 2);
    const statuses = await Promise.all(ids.map(async (id) => (await readDelivery(db, id)).status));
    assert.deepEqual(statuses, ["PENDING", "PENDING", "FAILED"]);
  });

  it("locks the deliveries of a page in the order of seq, wherever they are stored", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const ids = await createDeliveries(db, endpoint, 3);
    const [first = "", , last = ""] = ids;
    await sql`UPDATE webhook_deliveries SET status = 'FAILED', finished_at = now() WHERE id = ANY(${ids})`.execute(db);
    // The first one is stored behind the others from now on.
    await sql`UPDATE webhook_deliveries SET body = '{}' WHERE id = ${first}`.execute(db);
    const { tx, rollback } = await openTransaction(db);
    await sql`SELECT FROM webhook_deliveries WHERE id = ${first} FOR UPDATE`.execute(tx);
    // A plan that reads the table in the order in which it is stored.
    const settings = { enable_indexscan: "off", enable_bitmapscan: "off" };
    const scanning = createDatabase({ url, connectionCountMax: 1, applicationName: "onsale-test", settings });
    atEnd(() => scanning.destroy());
    const failed = { ...always, includeDelivered: false };
    const redelivering = redeliverPage(scanning, endpoint, failed, { afterSeq: 0, beforeSeq: 1e15 }, 100);
    await untilBlocked(db);
    // It waits for the first one, so it has not locked the last one yet.
    const { rows } = await sql`SELECT FROM webhook_deliveries WHERE id = ${last} FOR UPDATE NOWAIT`.execute(tx);
    assert.equal(rows.length, 1);
    await rollback();
    assert.equal((await redelivering).count, 3);
  });

  it("changes no delivery of another endpoint, and announces its own endpoint", async () => {
    const { endpoint, failed } = await arrange();
    const other = await arrange();
    const readNotified = await recordNotifications(url, webhooksChannel);
    assert.equal(await redeliver(db, endpoint, other.failed), false);
    assert.equal(await redeliverAll(endpoint, { ...always, includeDelivered: true }), 3);
    assert.deepEqual(await other.states(), asBefore);
    assert.equal((await readDelivery(db, failed)).status, "PENDING");
    assert.deepEqual([...new Set(await readNotified())], [endpoint]);
  });

  it("does not lose an attempt in flight: it is counted, and the schedule goes on", async () => {
    const { endpoint, pending } = await arrange();
    await redeliver(db, endpoint, pending);
    await recordAttempt(db, newAttempt(pending, { attemptCount: 1 }));
    const { status, attempt_count, schedule_step } = await readDelivery(db, pending);
    assert.deepEqual([status, attempt_count, schedule_step], ["PENDING", 2, 1]);
  });
});

describe("an endpoint's list of deliveries", () => {
  it("shows the latest twenty attempts of each", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const [id = ""] = await createDeliveries(db, endpoint, 1);
    for (let attemptCount = 0; attemptCount < 23; attemptCount++)
      await recordAttempt(db, newAttempt(id, { attemptCount }));
    const [row] = await listDeliveries(db, endpoint, {}, { offset: 0 }, 10);
    assert.deepEqual(
      row?.attempts.map(({ number }) => number),
      Array.from({ length: 20 }, (_, index) => 23 - index),
    );
  });
});

describe("the age of the oldest undelivered webhook", () => {
  it("is that of the oldest outbox row or pending delivery of an enabled endpoint, and otherwise 0", async () => {
    const own = connect(await createTestDatabase());
    const age = async () => Math.floor((await oldestUndeliveredAge(own)) / 100) * 100;
    const agedBy = (seconds: number) => sql<Date>`now() - ${seconds}::int * interval '1 second'`;
    const ageDelivery = (id: string, seconds: number) =>
      sql`UPDATE webhook_deliveries SET created_at = ${agedBy(seconds)} WHERE id = ${id}`.execute(own);
    assert.equal(await age(), 0);

    const disabled = await createEndpoint(own, { accountId });
    const [hidden = ""] = await createDeliveries(own, disabled, 1);
    await ageDelivery(hidden, 9_050);
    await disableEndpoint(own, disabled);
    const enabled = await createEndpoint(own, { accountId });
    const [delivered = "", failed = "", pending = ""] = await createDeliveries(own, enabled, 3);
    for (const id of [delivered, failed]) await ageDelivery(id, 8_050);
    await recordAttempt(own, successfulAttempt(delivered));
    await recordAttempt(own, newAttempt(failed, { nextDelayMs: null }));
    assert.equal(await age(), 0);

    await ageDelivery(pending, 1_050);
    assert.equal(await age(), 1_000);
    await sql`INSERT INTO outbox (order_id, type, created_at)
              VALUES (${randomUUID()}, 'order.confirmed', ${agedBy(2_050)})`.execute(own);
    assert.equal(await age(), 2_000);
    await ageDelivery(pending, 3_050);
    assert.equal(await age(), 3_000);
    await ageDelivery(pending, -500);
    await sql`DELETE FROM outbox`.execute(own);
    assert.equal(await age(), 0);
  });
});

describe("registering an endpoint", () => {
  it("waits for no transaction that only refers to the account, such as a new event", async () => {
    const { tx, commit } = await openTransaction(db);
    await sql`SELECT FROM accounts WHERE id = ${accountId} FOR KEY SHARE`.execute(tx);
    await createEndpoint(db, { accountId });
    // After 3 s the server would have ended the transaction, and this would fail.
    await commit();
  });
});

describe("the number of endpoints", () => {
  it("never exceeds the limit of an account, however many are registered at once", async () => {
    const full = await createAccount(db);
    const other = await createAccount(db);
    const create = (owner: number) =>
      createWebhook(db, {
        id: randomUUID(),
        accountId: owner,
        eventId: null,
        url: "https://receiver.test/",
        types: ["order.confirmed"],
        description: null,
        secret: Buffer.from("sealed"),
      });
    const created = await Promise.all(times(webhookCountMax + 15, 0).map(() => create(full)));
    assert.equal(created.filter((isCreated) => isCreated).length, webhookCountMax);
    assert.equal(await countWebhooks(db, full), webhookCountMax);
    assert.equal(await create(full), false);
    assert.equal(await create(other), true);
  });
});
