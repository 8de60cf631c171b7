import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { insertOrders } from "@onsale/database/statements/orders/insert-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { alwaysOpen, type SaleWindow } from "@onsale/domain/sale-window";
import { createRecorder, type IntakeAnswer, type PendingPurchase } from "@onsale/gateway/purchase/recorder";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, newOrder, placeOrders, type TestEvent } from "../../support/database/factories.ts";

const minuteMs = 60_000;

describe("recording purchases within the window of their sale", () => {
  let db: Db;
  let event: TestEvent;

  before(async () => {
    db = connect(await createTestDatabase());
    event = await createTestEvent(db, { STANDARD: 10 });
  });

  const databaseNow = async () => {
    const { rows } = await sql<{ nowMs: number }>`
      SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"`.execute(db);
    return rows[0]?.nowMs ?? 0;
  };

  /** The `created_at` of an event's orders, to the microsecond, in milliseconds. */
  const readTimes = async ({ id }: TestEvent) => {
    const { rows } = await sql<{ atMs: number }>`
      SELECT (extract(epoch FROM created_at) * 1000)::float8 AS "atMs" FROM orders
      WHERE event_id = ${id} ORDER BY seq`.execute(db);
    return rows.map(({ atMs }) => atMs);
  };

  it("an insert does nothing until the very moment of the opening, and nothing from the end on", async (t) => {
    const show = await createTestEvent(db, { STANDARD: 10 });
    const opensAtMs = (await databaseNow()) + 300;
    const window = { opensAtMs, closesAtMs: opensAtMs + 300 };
    const kinds: string[] = [];
    for (let nowMs = 0; nowMs < window.closesAtMs + 100; nowMs = await databaseNow()) {
      const result = await insertOrders(db, [newOrder(show, { window })]);
      kinds.push(result.kind);
      if (result.kind === "outside") assert(result.atMs < window.opensAtMs || result.atMs >= window.closesAtMs);
    }
    const times = await readTimes(show);
    assert.equal(times.length, kinds.filter((kind) => kind === "inserted").length);
    assert(kinds[0] === "outside" && kinds.at(-1) === "outside" && times.length > 0, kinds.join(" "));
    assert.deepEqual(
      times.filter((atMs) => atMs < window.opensAtMs || atMs >= window.closesAtMs),
      [],
    );
    t.diagnostic(`the first order came ${((times[0] ?? 0) - opensAtMs).toFixed(1)} ms after the opening`);
  });

  it("an insert of several windows counts only what they have in common", async () => {
    const nowMs = await databaseNow();
    const from = { opensAtMs: nowMs - minuteMs, closesAtMs: Number.POSITIVE_INFINITY };
    const until = { opensAtMs: Number.NEGATIVE_INFINITY, closesAtMs: nowMs + minuteMs };
    const open = [newOrder(event, { window: from }), newOrder(event, { window: until }), newOrder(event)];
    assert.equal((await insertOrders(db, open)).kind, "inserted");
    const late = newOrder(event, { window: { ...until, closesAtMs: nowMs } });
    assert.equal((await insertOrders(db, [newOrder(event), late])).kind, "outside");
  });

  /** Records a group, one purchase for each window, and returns what each is answered. */
  async function record(purchases: readonly Readonly<{ window: SaleWindow; key?: string; fingerprint?: string }>[]) {
    const answers: Promise<IntakeAnswer>[] = [];
    const group = purchases.map(({ window, key, fingerprint }): PendingPurchase => {
      const order = newOrder(event, { window, ...(key === undefined ? {} : { idempotencyKey: key }) });
      const { promise, resolve, reject } = Promise.withResolvers<IntakeAnswer>();
      answers.push(promise);
      const request = { ...order, fingerprint: fingerprint ?? order.fingerprint, eventCode: event.code };
      return { id: order.id, request, resolve, reject };
    });
    const settled = Promise.allSettled(answers);
    await createRecorder(db, createMetrics(), () => undefined)(group);
    return (await settled).map((answer) => (answer.status === "fulfilled" ? answer.value : answer.reason.code));
  }

  const kindOf = (answer: string | { kind: string; order?: OrderRow }) =>
    typeof answer === "string" ? answer : answer.kind;

  it("of a group, those are recorded whose sale is open; the others are refused, unless their key is known", async () => {
    const [known] = await placeOrders(db, event);
    assert(known !== undefined);
    const nowMs = await databaseNow();
    const closed = { opensAtMs: nowMs - minuteMs, closesAtMs: nowMs };
    const scheduled = { opensAtMs: nowMs + minuteMs, closesAtMs: nowMs + 2 * minuteMs };
    const key = known.idempotencyKey;
    const answers = await record([
      { window: closed },
      { window: alwaysOpen },
      { window: scheduled },
      { window: closed, key, fingerprint: known.fingerprint },
      { window: scheduled, key },
      { window: { opensAtMs: nowMs - minuteMs, closesAtMs: nowMs + minuteMs } },
    ]);
    assert.deepEqual(answers.map(kindOf), [
      "sale-closed",
      "accepted",
      "sale-not-open",
      "replayed",
      "reused",
      "accepted",
    ]);
    assert.deepEqual((await record([{ window: closed }, { window: closed }])).map(kindOf), [
      "sale-closed",
      "sale-closed",
    ]);
  });
});
