import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { OrderPage } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Webhook } from "@onsale/contracts/webhook";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createAccount, createTestEvent, placeOrders } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";
import { countBuffers } from "../../support/database/statements.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { createKey } from "../../support/services/api-keys.ts";
import { startGateway } from "../../support/services/services.ts";

type ListTotal = Pick<OrderPage, "totalElements" | "totalIsExact">;

const orderCount = 30_000;

describe("lists", () => {
  let db: Db;
  /** Two accounts; the first one has an event with many orders. */
  let busy: Api;
  let busyAccountId: number;
  let calm: Api;
  let longEvent: string;

  before(async () => {
    const databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const settings = {
      AUTH: "keys",
      WEBHOOK_SECRET_KEY: Buffer.alloc(32, 5).toString("base64"),
      WEBHOOK_ALLOW_PRIVATE: "1",
    };
    const { url } = await startGateway({ ...settings, DATABASE_URL: databaseUrl });
    const open = async (accountId: number) => createApi(url, (await createKey(db, { accountId })).key);
    busyAccountId = await createAccount(db);
    [busy, calm] = [await open(busyAccountId), await open(await createAccount(db))];
    longEvent = await busy.createEvent({ STANDARD: 10 });
    await placePendingOrders(db, longEvent, orderCount);
    await sql`UPDATE orders SET status = 'CONFIRMED', decided_at = now() WHERE seq % 3 = 0`.execute(db);
  });

  const list = async (query: string) => (await busy.get<OrderPage>(`/api/v1/orders?${query}`)).body;
  const totalOf = ({ totalElements, totalIsExact, totalPages, size }: OrderPage) => {
    assert.equal(totalPages, Math.ceil(totalElements / size));
    return { totalElements, totalIsExact };
  };
  const register = async () =>
    (await busy.post<Webhook>("/api/v1/webhooks", { url: "http://127.0.0.1:9/", events: ["order.confirmed"] })).body;

  it("have an exact total up to 10,000 items, and beyond that an estimate that says so", async () => {
    const event = await busy.createEvent({ STANDARD: 10 });
    await placePendingOrders(db, event, 10_000);
    assert.deepEqual(totalOf(await list(`event=${event}`)), { totalElements: 10_000, totalIsExact: true });
    assert.deepEqual(totalOf(await list(`event=${event}&page=499`)), { totalElements: 10_000, totalIsExact: true });
    assert.deepEqual(totalOf(await list(`event=${event}&status=HELD`)), { totalElements: 0, totalIsExact: true });
    await sql`
      INSERT INTO orders (id, account_id, event_id, ticket_type, quantity, strategy, idempotency_key, fingerprint)
      SELECT gen_random_uuid(), account_id, id, 'STANDARD', 1, 'optimistic', 'one more', '\\x00'
      FROM events WHERE code = ${event}`.execute(db);
    const more = totalOf(await list(`event=${event}`));
    assert(more.totalElements >= 10_001 && !more.totalIsExact, JSON.stringify(more));
  });

  it("have an estimate near the truth, with and without a filter, before and after ANALYZE", async () => {
    const others = await sql<{ count: number }>`
      SELECT count(*) AS count FROM orders JOIN events ON events.id = event_id WHERE code <> ${longEvent}`.execute(db);
    const all = orderCount + (others.rows[0]?.count ?? 0);
    for (const isAnalysed of [false, true]) {
      if (isAnalysed) await sql`ANALYZE orders`.execute(db);
      const expected: [string, number][] = [
        ["", all],
        [`event=${longEvent}`, orderCount],
        [`event=${longEvent}&status=PENDING`, (orderCount * 2) / 3],
      ];
      for (const [query, count] of expected) {
        const { totalElements, totalIsExact } = totalOf(await list(query));
        const isNear = Math.abs(totalElements / count - 1) < 0.1;
        assert(
          isNear && totalIsExact === false,
          `${query}: ${totalElements} instead of ${count}, analysed: ${isAnalysed}`,
        );
      }
    }
  });

  it("keep their total on the way by cursor, and are served at their deepest page", async () => {
    const first = await list(`event=${longEvent}&size=100`);
    const second = await list(`event=${longEvent}&size=100&cursor=${first.nextCursor}`);
    assert.deepEqual(totalOf(second), totalOf(first));
    const deepest = await list(`event=${longEvent}&size=3&page=9999`);
    assert.deepEqual([deepest.content.length, deepest.last, deepest.nextCursor], [3, true, null]);
    assert.deepEqual(await list(`event=${longEvent}&size=3&page=10000`).then(({ content }) => content), []);
  });

  it("of a customer, a payment or a key have just these orders, and find them by an index, whatever else there is", async () => {
    const event = await createTestEvent(db, { STANDARD: 100 }, busyAccountId);
    const other = await createTestEvent(db, { STANDARD: 100 }, busyAccountId);
    const foreign = await createTestEvent(db, { STANDARD: 100 }, await createAccount(db));
    const anna = { customerRef: "anna", terms: { holdSeconds: 600 } } as const;
    const bert = { customerRef: "bert", idempotencyKey: "cart-1" };
    const ids = (await placeOrders(db, event, [anna, bert, anna, {}])).map(({ id }) => id);
    ids.push(...(await placeOrders(db, other, [{ ...anna, idempotencyKey: "cart-4" }])).map(({ id }) => id));
    for (const { id } of [event, other]) await decideAll(db, id);
    await placeOrders(db, foreign, [{ ...anna, idempotencyKey: "cart-4" }]);
    for (const index of [0, 4]) {
      const body = { paymentReference: `pay_${index}` };
      assert.equal((await busy.post(`/api/v1/orders/${ids[index]}/confirm`, body)).status, 200);
    }
    // A second payment, which has to be refunded, is also found.
    await busy.post(`/api/v1/orders/${ids[0]}/confirm`, { paymentReference: "pay_4" });
    const expected: [string, number[]][] = [
      ["customerRef=anna", [4, 2, 0]],
      ["customerRef=anna&status=CONFIRMED", [4, 0]],
      [`customerRef=anna&event=${event.code}`, [2, 0]],
      [`customerRef=anna&event=${event.code}&status=HELD`, [2]],
      ["customerRef=bert", [1]],
      ["customerRef=nobody", []],
      ["paymentReference=pay_0", [0]],
      ["paymentReference=pay_4", [4, 0]],
      [`paymentReference=pay_4&event=${other.code}&status=CONFIRMED&customerRef=anna`, [4]],
      ["paymentReference=pay_4&customerRef=bert", []],
      ["idempotencyKey=cart-1", [1]],
      [`idempotencyKey=cart-4&event=${other.code}&status=CONFIRMED&customerRef=anna&paymentReference=pay_4`, [4]],
      ["idempotencyKey=cart-4&paymentReference=pay_0", []],
      ["idempotencyKey=cart-4&customerRef=bert", []],
      [`idempotencyKey=cart-4&event=${event.code}`, []],
      ["idempotencyKey=cart-", []],
    ];
    const countPages = await countBuffers(db);
    for (const isAnalysed of [false, true]) {
      if (isAnalysed) await sql`ANALYZE orders`.execute(db);
      for (const [query, indexes] of expected) {
        const found: string[] = [];
        const pages = await countPages(async () => {
          for (let cursor = ""; ; ) {
            const { content, nextCursor, totalElements } = await list(`${query}&size=2${cursor}`);
            assert.equal(totalElements, indexes.length, query);
            found.push(...content.map(({ id }) => id));
            if (nextCursor === null) break;
            cursor = `&cursor=${nextCursor}`;
          }
        });
        assert.deepEqual(
          found,
          indexes.map((index) => ids[index]),
          query,
        );
        assert(pages < 200, `${query}: ${pages} pages, analysed: ${isAnalysed}`);
      }
    }
  });

  it("of deliveries have such totals, too", async () => {
    const { id } = await register();
    await sql`
      INSERT INTO webhook_deliveries (endpoint_id, outbox_id, type, body)
      SELECT ${id}, n, 'order.confirmed', '{}' FROM generate_series(1, 10001) AS n`.execute(db);
    const path = `/api/v1/webhooks/${id}/deliveries`;
    const { totalElements, totalIsExact } = (await busy.get<ListTotal>(path)).body;
    assert(totalElements >= 10_001 && !totalIsExact);
    const none = (await busy.get<ListTotal>(`${path}?status=FAILED`)).body;
    assert.deepEqual([none.totalElements, none.totalIsExact], [0, true]);
  });

  /** Sends requests of the busy account, many at a time, until the calm one was served; returns how they ended. */
  async function withHammers(
    hammerCount: number,
    send: (index: number) => ReturnType<typeof busy.get<Problem>>,
    blockedCount: number,
  ): Promise<string[]> {
    let isOver = false;
    const hammer = async (_: unknown, index: number) => {
      const statuses: string[] = [];
      while (!isOver) {
        const { status, body, headers } = await send(index);
        statuses.push([status, body.code, headers.get("retry-after")].join());
      }
      return statuses;
    };
    const hammers = Array.from({ length: hammerCount }, hammer);
    await untilBlocked(db, blockedCount);
    await assertCalmIsServed();
    isOver = true;
    return [...new Set((await Promise.all(hammers)).flat())];
  }

  async function assertCalmIsServed(): Promise<void> {
    const eventCode = await calm.createEvent({ STANDARD: 10 });
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all([
        calm.get("/api/v1/orders"),
        calm.get("/api/v1/events"),
        calm.get("/api/v1/webhooks"),
        calm.get(`/api/v1/events/${eventCode}`),
        calm.get(`/api/v1/inventory/${eventCode}`),
        calm.put(`/api/v1/inventory/${eventCode}/STANDARD`, { total: 20 + round }),
        calm.purchase({ eventCode }),
      ]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200, 200, 200, 200, 202],
      );
    }
  }

  it("of one account, when they are slow, are refused in time and delay no other account", async () => {
    const { id } = await register();
    // Every read of deliveries waits for this lock, and nothing else does.
    const { tx, rollback } = await openTransaction(db);
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(tx);
    await sql`LOCK TABLE webhook_deliveries`.execute(tx);
    const refusals = await withHammers(20, () => busy.get<Problem>(`/api/v1/webhooks/${id}/deliveries`), 2);
    await rollback();
    assert.deepEqual(refusals, ["503,overloaded,1"]);
  });

  it("and redeliveries share their connections: those of one account delay no other account", async () => {
    const endpoints = await Promise.all([register(), register(), register()]);
    const ids = endpoints.map(({ id }) => id);
    const body = { from: new Date(0).toISOString(), to: new Date("2999-01-01").toISOString(), includeMissed: true };
    // Every redelivery waits for the row of its endpoint.
    const { tx, rollback } = await openTransaction(db);
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(tx);
    await sql`SELECT FROM webhook_endpoints WHERE id = ANY(${ids}::uuid[]) FOR UPDATE`.execute(tx);
    const send = (index: number) => busy.post<Problem>(`/api/v1/webhooks/${ids[index % ids.length]}/redeliver`, body);
    const refusals = await withHammers(12, send, 2);
    await rollback();
    assert.deepEqual(refusals, ["503,overloaded,1"]);
  });
});
