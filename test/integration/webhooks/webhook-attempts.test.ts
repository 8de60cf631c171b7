import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { findDueEndpoints } from "@onsale/database/statements/deliveries/find-due-endpoints";
import { readDueDeliveries } from "@onsale/database/statements/deliveries/read-due-deliveries";
import { recordAttempt } from "@onsale/database/statements/deliveries/record-attempt";
import { changeWebhook } from "@onsale/database/statements/webhooks/change-webhook";
import { deleteWebhook } from "@onsale/database/statements/webhooks/delete-webhook";
import { rotateWebhookSecret } from "@onsale/database/statements/webhooks/rotate-webhook-secret";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { defaultAccountId as accountId } from "../../support/database/factories.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import {
  createDeliveries,
  createEndpoint,
  disableEndpoint,
  newAttempt,
  readDelivery,
  readEndpoint,
  successfulAttempt,
} from "../../support/webhooks/webhook-factories.ts";

let db: Db;

before(async () => {
  db = connect(await createTestDatabase());
});

const dueIds = async (endpointId: string, exceptIds: readonly string[] = [], countMax = 100) =>
  (await readDueDeliveries(db, endpointId, exceptIds, countMax)).map((delivery) => delivery.id);
const postpone = (id: string, interval: string) =>
  sql`UPDATE webhook_deliveries SET next_attempt_at = clock_timestamp() + ${interval}::interval
      WHERE id = ${id}`.execute(db);

describe("the due deliveries of an endpoint", () => {
  it("are read the longest due first, then in the order of the facts, up to a given number", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    const [a = "", b = "", c = "", d = "", future = ""] = await createDeliveries(db, endpoint, 5);
    await sql`UPDATE webhook_deliveries SET next_attempt_at = '2020-01-01' WHERE id = ANY(${[b, d]}::uuid[])`.execute(
      db,
    );
    await postpone(a, "-1 second");
    await postpone(c, "-2 seconds");
    await postpone(future, "1 minute");
    assert.deepEqual(await dueIds(endpoint), [b, d, c, a]);
    assert.deepEqual(await dueIds(endpoint, [], 2), [b, d]);
    assert.deepEqual(await dueIds(endpoint, [b, c]), [d, a]);
  });

  it("are its own pending ones, and none while it is disabled", async () => {
    const endpoint = await createEndpoint(db, { accountId });
    await createDeliveries(db, await createEndpoint(db, { accountId }), 1);
    const [delivered = "", failed = "", pending = ""] = await createDeliveries(db, endpoint, 3);
    await recordAttempt(db, successfulAttempt(delivered));
    await recordAttempt(db, newAttempt(failed, { nextDelayMs: null }));
    assert.deepEqual(await dueIds(endpoint), [pending]);
    await disableEndpoint(db, endpoint);
    assert.deepEqual(await dueIds(endpoint), []);
  });

  it("have the previous secret while it still signs, too, the newest secret first", async () => {
    const endpoint = await createEndpoint(db, { accountId, secret: Buffer.from("old") });
    await createDeliveries(db, endpoint, 1);
    const secrets = async () => (await readDueDeliveries(db, endpoint, [], 1))[0]?.secrets.map(String);
    assert.deepEqual(await secrets(), ["old"]);
    await rotateWebhookSecret(db, accountId, endpoint, Buffer.from("new"), 24);
    assert.deepEqual(await secrets(), ["new", "old"]);
    await rotateWebhookSecret(db, accountId, endpoint, Buffer.from("newest"), 24);
    assert.deepEqual(await secrets(), ["newest", "new"]);
    await sql`UPDATE webhook_endpoints SET previous_secret_expires = now() WHERE id = ${endpoint}`.execute(db);
    assert.deepEqual(await secrets(), ["newest"]);
  });

  it("make the endpoint a due one, unless it is disabled", async () => {
    const [due, disabled, early, idle] = await Promise.all([1, 2, 3, 4].map(() => createEndpoint(db, { accountId })));
    assert(due && disabled && early && idle);
    for (const endpoint of [due, disabled, early]) await createDeliveries(db, endpoint, 2);
    await disableEndpoint(db, disabled);
    await sql`UPDATE webhook_deliveries SET next_attempt_at = now() + interval '1 hour'
              WHERE endpoint_id = ${early}`.execute(db);
    const found = await findDueEndpoints(db);
    assert.deepEqual(
      [due, disabled, early, idle].map((id) => found.includes(id)),
      [true, false, false, false],
    );
    assert.equal(new Set(found).size, found.length);
  });
});

describe("an attempt", () => {
  async function arrange() {
    const endpoint = await createEndpoint(db, { accountId });
    const [delivery = ""] = await createDeliveries(db, endpoint, 1);
    return { endpoint, delivery };
  }
  const readAttempts = async (delivery: string) => {
    const { rows } = await sql<Record<string, unknown>>`
      SELECT * FROM webhook_attempts WHERE delivery_id = ${delivery} ORDER BY number`.execute(db);
    return rows;
  };

  it("that succeeded finishes its delivery, and is recorded with all its fields", async () => {
    const { endpoint, delivery } = await arrange();
    const attempt = successfulAttempt(delivery);
    assert.equal(await recordAttempt(db, attempt), null);
    const { status, attempt_count, finished_at } = await readDelivery(db, delivery);
    assert.deepEqual([status, attempt_count, finished_at !== null], ["DELIVERED", 1, true]);
    assert.deepEqual(await readAttempts(delivery), [
      {
        delivery_id: delivery,
        number: 1,
        result: "delivered",
        status: 200,
        response_body: "ok",
        error: null,
        started_at: attempt.startedAt,
        duration_ms: 12,
      },
    ]);
    const { failing_since, disabled_at } = await readEndpoint(db, endpoint);
    assert.deepEqual([failing_since, disabled_at], [null, null]);
    assert.deepEqual(await dueIds(endpoint), []);
  });

  it("that failed is followed by the next one after the pause", async () => {
    const { endpoint, delivery } = await arrange();
    const attempt = newAttempt(delivery, {
      nextDelayMs: 3_600_000,
      result: "timeout",
      status: null,
      error: "too slow",
    });
    const before = Date.now();
    await recordAttempt(db, attempt);
    const { status, attempt_count, schedule_step, next_attempt_at, finished_at } = await readDelivery(db, delivery);
    assert.deepEqual([status, attempt_count, schedule_step, finished_at], ["PENDING", 1, 1, null]);
    assert(next_attempt_at.getTime() >= before + 3_599_000 && next_attempt_at.getTime() <= Date.now() + 3_601_000);
    assert.deepEqual(await dueIds(endpoint), []);
    await postpone(delivery, "-1 second");
    const [due] = await readDueDeliveries(db, endpoint, [], 1);
    assert.deepEqual([due?.id, due?.attemptCount, due?.scheduleStep], [delivery, 1, 1]);
    assert.deepEqual((await readEndpoint(db, endpoint)).failing_since, attempt.startedAt);
  });

  it("that was the last of the schedule ends its delivery as failed", async () => {
    const { endpoint, delivery } = await arrange();
    await recordAttempt(db, newAttempt(delivery, { nextDelayMs: null }));
    const { status, finished_at } = await readDelivery(db, delivery);
    assert.deepEqual([status, finished_at !== null], ["FAILED", true]);
    assert.equal((await readEndpoint(db, endpoint)).disabled_at, null);
  });

  it("that is recorded twice, or by another notifier, too, changes nothing the second time", async () => {
    const { endpoint, delivery } = await arrange();
    await recordAttempt(db, newAttempt(delivery));
    const read = async () => [
      await readDelivery(db, delivery),
      await readEndpoint(db, endpoint),
      await readAttempts(delivery),
    ];
    const before = await read();
    assert.equal(await recordAttempt(db, newAttempt(delivery, { result: "gone", status: 410 })), null);
    assert.equal(await recordAttempt(db, successfulAttempt(delivery)), null);
    assert.deepEqual(await read(), before);

    const { delivery: contested } = await arrange();
    await Promise.all([1, 2, 3, 4].map(() => recordAttempt(db, newAttempt(contested))));
    assert.deepEqual(
      [(await readDelivery(db, contested)).attempt_count, (await readAttempts(contested)).length],
      [1, 1],
    );
  });

  it("of a delivery that was delivered meanwhile changes nothing", async () => {
    const { delivery } = await arrange();
    await recordAttempt(db, successfulAttempt(delivery));
    await recordAttempt(db, newAttempt(delivery, { attemptCount: 1 }));
    const { status, attempt_count } = await readDelivery(db, delivery);
    assert.deepEqual([status, attempt_count], ["DELIVERED", 1]);
  });

  it("that is answered 410 disables the endpoint at once, with the reason; its deliveries stay pending", async () => {
    const { endpoint, delivery } = await arrange();
    const [other = ""] = await createDeliveries(db, endpoint, 1);
    const reason = await recordAttempt(db, newAttempt(delivery, { result: "gone", status: 410 }));
    assert.equal(reason, "The receiver answered 410 Gone.");
    const { disabled_at, disabled_reason } = await readEndpoint(db, endpoint);
    assert.deepEqual([disabled_at !== null, disabled_reason], [true, reason]);
    assert.equal(await recordAttempt(db, newAttempt(other, { result: "gone", status: 410 })), null);
    assert.equal((await readDelivery(db, delivery)).status, "PENDING");
    assert.deepEqual([await dueIds(endpoint), (await findDueEndpoints(db)).includes(endpoint)], [[], false]);
  });

  it("that fails after five days of failures disables the endpoint, with the reason", async () => {
    const { endpoint } = await arrange();
    const [a = "", b = ""] = await createDeliveries(db, endpoint, 2);
    const failSince = (interval: string) =>
      sql`UPDATE webhook_endpoints SET failing_since = now() - ${interval}::interval WHERE id = ${endpoint}`.execute(
        db,
      );
    await failSince("4 days 23 hours 59 minutes");
    assert.equal(await recordAttempt(db, newAttempt(a)), null);
    await failSince("5 days 1 second");
    assert.equal(await recordAttempt(db, newAttempt(b)), "Every attempt of 5 days failed.");
    assert.equal((await readEndpoint(db, endpoint)).disabled_reason, "Every attempt of 5 days failed.");
  });

  it("that succeeds ends a period of failures, and the next failure begins another one", async () => {
    const { endpoint } = await arrange();
    const [a = "", b = "", c = ""] = await createDeliveries(db, endpoint, 3);
    await recordAttempt(db, newAttempt(a, { startedAt: new Date("2020-01-01") }));
    assert.deepEqual((await readEndpoint(db, endpoint)).failing_since, new Date("2020-01-01"));
    assert.equal(await recordAttempt(db, successfulAttempt(b)), null);
    assert.equal((await readEndpoint(db, endpoint)).failing_since, null);
    const startedAt = new Date();
    assert.equal(await recordAttempt(db, newAttempt(c, { startedAt })), null);
    const { failing_since, disabled_at } = await readEndpoint(db, endpoint);
    assert.deepEqual([failing_since, disabled_at], [startedAt, null]);
  });

  it("begins a new period of failures after the endpoint was enabled again", async () => {
    const { endpoint, delivery } = await arrange();
    const [next = ""] = await createDeliveries(db, endpoint, 1);
    await sql`UPDATE webhook_endpoints SET failing_since = '2020-01-01' WHERE id = ${endpoint}`.execute(db);
    assert.notEqual(await recordAttempt(db, newAttempt(delivery)), null);
    assert(await changeWebhook(db, accountId, endpoint, { enabled: true }));
    assert.deepEqual(await dueIds(endpoint), [next]);
    assert.equal(await recordAttempt(db, newAttempt(next)), null);
    assert.equal((await readEndpoint(db, endpoint)).disabled_at, null);
  });

  it("keeps the reason of an endpoint that was disabled during the attempt", async () => {
    const { endpoint, delivery } = await arrange();
    await disableEndpoint(db, endpoint);
    assert.equal(await recordAttempt(db, newAttempt(delivery, { result: "gone", status: 410 })), null);
    assert.equal((await readEndpoint(db, endpoint)).disabled_reason, "A test did it.");
    assert.equal((await readAttempts(delivery)).length, 1);
  });

  it("of an endpoint that is deleted during the attempt does nothing", async () => {
    const { endpoint, delivery } = await arrange();
    await deleteWebhook(db, accountId, endpoint);
    assert.equal(await recordAttempt(db, successfulAttempt(delivery)), null);
    assert.deepEqual(await readAttempts(delivery), []);

    const racing = await arrange();
    const { tx, commit } = await openTransaction(db);
    await deleteWebhook(tx, accountId, racing.endpoint);
    const recording = recordAttempt(db, newAttempt(racing.delivery, { result: "gone" }));
    await untilBlocked(db);
    await commit();
    assert.equal(await recording, null);
    assert.deepEqual(await readAttempts(racing.delivery), []);
  });
});
