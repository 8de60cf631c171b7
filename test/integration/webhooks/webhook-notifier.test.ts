// The parts of a notifier, from the database to a receiver's socket, without a queue.
import { strict as assert } from "node:assert";
import { randomBytes, randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { readDueDeliveries } from "@onsale/database/statements/deliveries/read-due-deliveries";
import { rotateWebhookSecret } from "@onsale/database/statements/webhooks/rotate-webhook-secret";
import { createAttempter } from "@onsale/notifier/posting/attempter";
import { createPermit } from "@onsale/notifier/posting/permit";
import type { Deliverer } from "@onsale/notifier/serving/deliverer";
import { createPostSlots } from "@onsale/notifier/serving/post-slots";
import { createLogger } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { newWebhookSecret, sealSecret } from "@onsale/security/webhook-secret";
import { sql } from "kysely";
import { Webhook } from "standardwebhooks";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { defaultAccountId as accountId, createAccount } from "../../support/database/factories.ts";
import { until, untilTrue } from "../../support/until.ts";
import { createTestDeliverer } from "../../support/webhooks/deliverers.ts";
import {
  newPoster,
  parseRequest,
  type RawReceiver,
  respond,
  startRawReceiver,
} from "../../support/webhooks/raw-receiver.ts";
import {
  createDeliveries,
  createEndpoint,
  readDelivery,
  readEndpoint,
  readLastAttempt,
} from "../../support/webhooks/webhook-factories.ts";

const key = randomBytes(32);
let databaseUrl: string;
let db: Db;

before(async () => {
  databaseUrl = await createTestDatabase();
  db = connect(databaseUrl);
});

/** Creates an endpoint with the receiver's URL, and deliveries for it. */
async function arrange(receiver: RawReceiver, deliveryCount = 1, owner = accountId) {
  const id = randomUUID();
  const secret = newWebhookSecret();
  await createEndpoint(db, { accountId: owner, id, url: receiver.url, secret: sealSecret(key, id, secret) });
  return { id, secret, deliveries: await createDeliveries(db, id, deliveryCount) };
}

const newAttempter = (sealingKey = key, schedule: readonly number[] = [0, 60, 60]) =>
  createAttempter(db, newPoster(), { key: sealingKey, schedule }, createMetrics(), createLogger("test", "silent"));

async function attemptOnce(endpointId: string, attempt = newAttempter()) {
  const readAtMs = performance.now();
  const [due] = await readDueDeliveries(db, endpointId, [], 1);
  assert(due !== undefined, "something is due");
  const permit = createPermit(new AbortController().signal, due.readAt, readAtMs);
  return (await attempt(due, permit, () => undefined)).kind;
}

/** A deliverer with a session for its locks, as a notifier process has it. */
function newDeliverer(inFlightMax = 4): Deliverer {
  return createTestDeliverer(databaseUrl, db, newAttempter(), inFlightMax);
}

describe("an attempt at a delivery", () => {
  it("is signed as the Standard Webhooks specification says, under the delivery's id, and recorded", async () => {
    const receiver = await startRawReceiver(respond("200 OK", "thanks"));
    const { id, secret, deliveries } = await arrange(receiver);
    assert.equal(await attemptOnce(id), "delivered");
    const { headers, body } = parseRequest(receiver.requests[0]);
    assert.deepEqual(
      new Webhook(secret).verify(body, headers),
      JSON.parse((await readDelivery(db, deliveries[0] ?? "")).body),
    );
    assert.equal(headers["webhook-id"], deliveries[0]);
    assert.equal(headers["content-type"], "application/json");
    assert.deepEqual(
      { ...(await readLastAttempt(db, deliveries[0] ?? "")) },
      { result: "delivered", status: 200, body: "thanks", error: null },
    );
  });

  it("is signed with both secrets while they are being rotated", async () => {
    const receiver = await startRawReceiver(respond("200 OK"));
    const { id, secret } = await arrange(receiver);
    const next = newWebhookSecret();
    await rotateWebhookSecret(db, accountId, id, sealSecret(key, id, next), 24);
    await attemptOnce(id);
    const { headers, body } = parseRequest(receiver.requests[0]);
    for (const either of [secret, next]) new Webhook(either).verify(body, headers);
    assert.throws(() => new Webhook(newWebhookSecret()).verify(body, headers));
  });

  it("has a new timestamp and signature each time, and the same id and body", async () => {
    const receiver = await startRawReceiver(respond("500 No"));
    const { id, secret } = await arrange(receiver);
    const attempt = newAttempter(key, [0, 0, 0]);
    for (let n = 0; n < 2; n++) assert.equal(await attemptOnce(id, attempt), "failed");
    const [first, second] = receiver.requests.map(parseRequest);
    assert.deepEqual([first?.headers["webhook-id"], first?.body], [second?.headers["webhook-id"], second?.body]);
    for (const request of [first, second]) new Webhook(secret).verify(request?.body ?? "", request?.headers ?? {});
  });

  it("sends nothing when the endpoint's secret was sealed with another key, and records why", async () => {
    const receiver = await startRawReceiver(respond("200 OK"));
    const { id, deliveries } = await arrange(receiver);
    assert.equal(await attemptOnce(id, newAttempter(randomBytes(32))), "failed");
    const attempt = await readLastAttempt(db, deliveries[0] ?? "");
    assert.equal(attempt?.result, "internal-error");
    assert.match(attempt?.error ?? "", /WEBHOOK_SECRET_KEY/);
    assert.deepEqual([receiver.sockets.length, (await readDelivery(db, deliveries[0] ?? "")).status], [0, "PENDING"]);
  });

  it("is followed by the next one when the receiver asks, and by none after the end of the schedule", async () => {
    const receiver = await startRawReceiver(respond("503 Later", "", "retry-after: 7200"));
    const { id, deliveries } = await arrange(receiver);
    await attemptOnce(id);
    const { next_attempt_at } = await readDelivery(db, deliveries[0] ?? "");
    assert(Math.abs((next_attempt_at.getTime() - Date.now()) / 3_600_000 - 2) < 0.1, "it is due in two hours");
    for (const status of ["PENDING", "FAILED"]) {
      await sql`UPDATE webhook_deliveries SET next_attempt_at = now() WHERE id = ${deliveries[0]}`.execute(db);
      await attemptOnce(id);
      assert.equal((await readDelivery(db, deliveries[0] ?? "")).status, status);
    }
  });

  it("can be answered with anything, of which the first 1 KiB is stored", async () => {
    for (const answer of ["\0\0", "🎫".repeat(10_000), "\ud800", "x".repeat(16_000)]) {
      const { id, deliveries } = await arrange(await startRawReceiver(respond("200 OK", answer)));
      assert.equal(await attemptOnce(id), "delivered");
      const { body } = (await readLastAttempt(db, deliveries[0] ?? "")) ?? {};
      assert(typeof body === "string" && Buffer.byteLength(body) <= 1_024 + 2 && body.isWellFormed());
    }
  });
});

describe("serving an endpoint", () => {
  const neverEnqueueAgain = () => assert.fail("the endpoint was enqueued again");

  it("sends what is due, the longest due first, as many at a time as may be in flight, each once", async () => {
    const unanswered: Socket[] = [];
    let answered = 0;
    const receiver = await startRawReceiver((socket) => unanswered.push(socket));
    const { id, deliveries } = await arrange(receiver, 10);
    const serving = newDeliverer().serve(id, neverEnqueueAgain);
    while (answered < 10) {
      const expected = Math.min(4, 10 - answered);
      await untilTrue("as many requests as allowed are unanswered", () => unanswered.length === expected);
      assert.equal(receiver.requests.length, answered + expected);
      respond("200 OK")(unanswered.shift() ?? assert.fail());
      answered++;
    }
    const { delivered, failed } = await serving;
    assert.deepEqual([delivered, failed], [10, 0]);
    const ids = receiver.requests.map((request) => parseRequest(request).headers["webhook-id"]);
    assert.deepEqual(ids.slice(0, 4).toSorted(), deliveries.slice(0, 4).toSorted());
    assert.deepEqual(ids.toSorted(), deliveries.toSorted());
  });

  /** Answers as `answer` says, after all requests that may be in flight have come; returns how many were at a time. */
  async function measureInFlight(deliveryCount: number, line: string, inFlightMax: number) {
    const inFlight: number[] = [];
    let unanswered = 0;
    const receiver = await startRawReceiver((socket) => {
      inFlight.push(++unanswered);
      setTimeout(() => {
        unanswered--;
        respond(line)(socket);
      }, 20);
    });
    const { id } = await arrange(receiver, deliveryCount);
    await newDeliverer(inFlightMax).serve(id, neverEnqueueAgain);
    assert.equal(receiver.requests.length, deliveryCount);
    return inFlight;
  }

  it("has more and more posts in flight to a receiver that answers quickly, up to the setting", async () => {
    const inFlight = await measureInFlight(400, "200 OK", 32);
    assert.equal(Math.max(...inFlight.slice(0, 4)), 4);
    const most = Math.max(...inFlight);
    assert(most > 16 && most <= 32, `${most} were in flight`);
  });

  it("has one post at a time in flight to a receiver that keeps failing", async () => {
    const inFlight = await measureInFlight(12, "500 No", 32);
    assert.equal(Math.max(...inFlight), 4);
    assert.deepEqual(inFlight.slice(-4), [1, 1, 1, 1]);
  });

  it("leaves an endpoint alone whose account has its share of the posts", async () => {
    const unanswered: Socket[] = [];
    const receiver = await startRawReceiver((socket) => unanswered.push(socket));
    const other = await startRawReceiver(respond("200 OK"));
    const slots = createPostSlots(8);
    const deliverer = createTestDeliverer(databaseUrl, db, newAttempter(), 4, slots);
    const slow = await arrange(receiver, 10);
    const serving = deliverer.serve(slow.id, neverEnqueueAgain);
    await untilTrue("its share is in flight", () => unanswered.length === 4);
    const sibling = await arrange(other);
    assert.equal((await deliverer.serve(sibling.id, neverEnqueueAgain)).delivered, 0);
    const foreign = await arrange(other, 1, await createAccount(db));
    assert.equal((await deliverer.serve(foreign.id, neverEnqueueAgain)).delivered, 1);
    deliverer.stopEndpoint(slow.id);
    await serving;
  });

  it("continues after failures, and ends when nothing is due", async () => {
    const receiver = await startRawReceiver((socket, count) => respond(count % 2 === 0 ? "200 OK" : "500 No")(socket));
    const { id } = await arrange(receiver, 40);
    const { delivered, failed } = await newDeliverer().serve(id, neverEnqueueAgain);
    assert.deepEqual([delivered, failed, receiver.requests.length], [20, 20, 40]);
  });

  it("goes on after its time slice of 5 s while a post is not answered", async () => {
    const [count, answerMs] = [14, 500];
    const receiver = await startRawReceiver((socket, number) => {
      if (number > 1) setTimeout(respond("200 OK"), answerMs, socket);
    });
    const { id } = await arrange(receiver, count);
    const deliverer = newDeliverer(2);
    const serving = deliverer.serve(id, async () => undefined);
    // The first post is given up after 15 s; until then there is one other post in flight at a time.
    await untilTrue("all others are posted", () => receiver.requests.length === count, 14_000);
    deliverer.stopEndpoint(id);
    await serving;
  });

  it("goes on when all posts in flight are left unanswered, as soon as the receiver answers another one", async () => {
    let givenUp = 0;
    const receiver = await startRawReceiver((socket, number) => {
      if (number > 4) respond("200 OK")(socket);
      else socket.once("close", () => givenUp++);
    });
    const { id } = await arrange(receiver, 104);
    const deliverer = newDeliverer(16);
    const serving = deliverer.serve(id, async () => undefined);
    await untilTrue("all others are posted", () => receiver.requests.length === 104, 60_000);
    assert.equal(givenUp, 0);
    deliverer.stopEndpoint(id);
    await serving;
  });

  it("ends as soon as the endpoint is disabled: after a 410 nothing more is sent", async () => {
    const receiver = await startRawReceiver(respond("410 Gone"));
    const { id } = await arrange(receiver, 32);
    const { delivered } = await newDeliverer().serve(id, neverEnqueueAgain);
    assert.equal(delivered, 0);
    // Four were in flight when the first 410 came.
    assert(receiver.requests.length <= 4, String(receiver.requests.length));
    assert.equal((await readEndpoint(db, id)).disabled_reason, "The receiver answered 410 Gone.");
  });

  it("happens once at a time in a process, also when it is asked for again", async () => {
    const unanswered: Socket[] = [];
    const receiver = await startRawReceiver((socket) => unanswered.push(socket));
    const { id } = await arrange(receiver);
    const deliverer = newDeliverer();
    const serving = deliverer.serve(id, neverEnqueueAgain);
    const socket = await until("the request arrives", () => unanswered[0]);
    assert.deepEqual(await deliverer.serve(id, neverEnqueueAgain), { delivered: 0, failed: 0, durationMs: 0 });
    respond("200 OK")(socket);
    assert.equal((await serving).delivered, 1);
    assert.equal(receiver.requests.length, 1);
  });

  it("ends without a fault of the endpoint when the session with the locks is lost", async () => {
    const receiver = await startRawReceiver(() => undefined);
    const { id, deliveries } = await arrange(receiver, 4);
    const serving = newDeliverer().serve(id, neverEnqueueAgain);
    await untilTrue("four requests are unanswered", () => receiver.requests.length === 4);
    await sql`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`.execute(db);
    assert.equal((await serving).failed, 0);
    assert.equal((await readEndpoint(db, id)).failing_since, null);
    for (const delivery of deliveries) {
      const { attempt_count, schedule_step, status } = await readDelivery(db, delivery);
      assert.deepEqual([attempt_count, schedule_step, status], [0, 0, "PENDING"]);
    }
    assert.equal((await readDueDeliveries(db, id, [], 100)).length, 4);
  });

  it("finishes its attempts when the notifier stops, begins no more and enqueues the endpoint again", async () => {
    const unanswered: Socket[] = [];
    const receiver = await startRawReceiver((socket) => unanswered.push(socket));
    const { id } = await arrange(receiver, 10);
    const deliverer = newDeliverer();
    let enqueueCount = 0;
    const serving = deliverer.serve(id, async () => enqueueCount++);
    await untilTrue("four requests are unanswered", () => unanswered.length === 4);
    deliverer.stop();
    for (const socket of unanswered) respond("200 OK")(socket);
    assert.deepEqual([(await serving).delivered, enqueueCount, receiver.requests.length], [4, 1, 4]);
    assert.equal((await readDueDeliveries(db, id, [], 100)).length, 6);
  });
});
