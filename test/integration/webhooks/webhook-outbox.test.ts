import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { webhooksChannel } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import { readPending } from "@onsale/database/statements/allocation/read-pending";
import { type OrderDecision, writeDecisions } from "@onsale/database/statements/allocation/write-decisions";
import { bucketOf } from "@onsale/domain/bucket";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { confirmation, rejection } from "../../support/database/decisions.ts";
import { createAccount, createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import { recordNotifications } from "../../support/database/notifications.ts";
import { openTransaction } from "../../support/database/transactions.ts";
import { createEndpoint, disableEndpoint } from "../../support/webhooks/webhook-factories.ts";

describe("the facts of a batch of decisions", () => {
  let url: string;
  let db: Db;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  /** An event with four orders, in an account of its own; the decisions reject the second order. */
  async function arrange() {
    const accountId = await createAccount(db);
    const event = await createTestEvent(db, { STANDARD: 10 }, accountId);
    const orders = await placeOrders(db, event, times(4, {}));
    const ids = orders.map((order) => order.id);
    const bucket = bucketOf(event.id);
    const pending = (await readPending(db, [bucket], 100)).filter((order) => ids.includes(order.id));
    const decisions = pending.map(
      (entry, index): OrderDecision => (index === 1 ? rejection(entry, "sold-out") : confirmation(entry)),
    );
    const seq = orders.at(-1)?.seq ?? 0;
    const stock = [{ eventId: event.id, ticketType: "STANDARD", version: 1, quantity: 3, waiting: 0, decidedSeq: seq }];
    const events = [{ eventId: event.id, seq, count: 4, soldOut: [] }];
    return {
      accountId,
      event,
      ids,
      decide: (connection = db, wanted: readonly OrderDecision[] = decisions) =>
        writeDecisions(connection, { stock, orders: wanted, buckets: [{ bucket, seq }], events }),
      decisions,
      readFacts: async (connection = db) => {
        const { rows } = await sql<{ index: number; type: string }>`
          SELECT array_position(${ids}::uuid[], order_id) - 1 AS index, type FROM outbox
          WHERE order_id = ANY(${ids}::uuid[]) ORDER BY id`.execute(connection);
        return rows.map(({ index, type }) => [index, type]);
      },
    };
  }

  const allFacts = [
    [0, "order.confirmed"],
    [1, "order.rejected"],
    [2, "order.confirmed"],
    [3, "order.confirmed"],
  ];

  it("are in the outbox in arrival order, for any order of the decisions", async () => {
    const { accountId, decide, decisions, readFacts } = await arrange();
    await createEndpoint(db, { accountId });
    await decide(
      db,
      [2, 0, 3, 1].flatMap((index) => decisions[index] ?? []),
    );
    assert.deepEqual(await readFacts(), allFacts);
  });

  it("are written once each for any number of endpoints", async () => {
    const { accountId, event, decide, readFacts } = await arrange();
    await createEndpoint(db, { accountId });
    await createEndpoint(db, { accountId, eventId: event.id });
    await createEndpoint(db, { accountId, types: ["order.confirmed"] });
    await decide();
    assert.deepEqual(await readFacts(), allFacts);
  });

  it("are only those of the types that enabled endpoints subscribe to", async () => {
    const { accountId, event, decide, readFacts } = await arrange();
    await createEndpoint(db, { accountId, eventId: event.id, types: ["order.rejected"] });
    await disableEndpoint(db, await createEndpoint(db, { accountId, types: ["order.confirmed"] }));
    await decide();
    assert.deepEqual(await readFacts(), [[1, "order.rejected"]]);
  });

  it("are neither written nor announced when no endpoint subscribes to them", async () => {
    const readNotified = await recordNotifications(url, webhooksChannel);
    const preparations: ((accountId: number) => Promise<unknown>)[] = [
      async () => undefined,
      async (accountId) => disableEndpoint(db, await createEndpoint(db, { accountId })),
      async (accountId) => {
        const other = await createTestEvent(db, { STANDARD: 1 }, accountId);
        await createEndpoint(db, { accountId, eventId: other.id });
      },
      async () => createEndpoint(db, { accountId: await createAccount(db) }),
      async (accountId) =>
        sql`DELETE FROM webhook_endpoints WHERE id = ${await createEndpoint(db, { accountId })}`.execute(db),
    ];
    for (const prepare of preparations) {
      const { accountId, decide, readFacts } = await arrange();
      await prepare(accountId);
      await decide();
      assert.deepEqual(await readFacts(), []);
    }
    const { accountId, decide, decisions, readFacts } = await arrange();
    await createEndpoint(db, { accountId, types: ["order.rejected"] });
    await decide(
      db,
      decisions.map((decision) => ({ ...decision, status: "CONFIRMED", reason: null })),
    );
    assert.deepEqual(await readFacts(), []);
    assert.deepEqual(await readNotified(), []);
  });

  it("are announced once for the whole batch", async () => {
    const readNotified = await recordNotifications(url, webhooksChannel);
    const { accountId, decide } = await arrange();
    await createEndpoint(db, { accountId });
    await decide();
    assert.deepEqual(await readNotified(), [""]);
  });

  it("are committed with the decisions, and rolled back with them", async () => {
    const { accountId, decide, readFacts } = await arrange();
    await createEndpoint(db, { accountId });
    const readNotified = await recordNotifications(url, webhooksChannel);
    const { tx, rollback } = await openTransaction(db);
    await decide(tx);
    assert.deepEqual(await readFacts(tx), allFacts);
    assert.deepEqual(await readFacts(), []);
    await rollback();
    assert.deepEqual(await readFacts(), []);
    assert.deepEqual(await readNotified(), []);
    await decide();
    assert.deepEqual(await readFacts(), allFacts);
    await assert.rejects(decide());
    assert.deepEqual(await readFacts(), allFacts);
  });
});
