// The changes of an event, read over HTTP while orders are decided, confirmed, cancelled and expire.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { ChangePage } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { insertOrders } from "@onsale/database/statements/orders/insert-orders";
import { lockOrders } from "@onsale/database/statements/transitions/lock-orders";
import { writeTransitions } from "@onsale/database/statements/transitions/write-transitions";
import { planGroup, type Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import { createTransitions } from "@onsale/gateway/transitions/transitions";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import {
  createAccount,
  createTestEvent,
  newOrder,
  placeOrders,
  type TestEvent,
  times,
} from "../../support/database/factories.ts";
import { assertSound, decideAll, decideOnce } from "../../support/database/sale.ts";
import { openTransaction } from "../../support/database/transactions.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { createRandom } from "../../support/random.ts";
import { startGateway } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const hold = { terms: { holdSeconds: 600 } } as const;
const cancel: Wish = { kind: "cancel", items: null, reason: null };
const confirm: Wish = { kind: "confirm", reference: null };

describe("the changes of an event", () => {
  let db: Db;
  let url: string;
  let api: Api;

  before(async () => {
    url = await createTestDatabase();
    db = connect(url);
    api = createApi((await startGateway({ DATABASE_URL: url })).url);
  });

  async function read({ code }: TestEvent, after: string | undefined, size: number): Promise<ChangePage> {
    const cursor = after === undefined ? "" : `&after=${after}`;
    const { status, body } = await api.get<ChangePage>(`/api/v1/events/${code}/changes?size=${size}${cursor}`);
    assert.equal(status, 200);
    return body;
  }

  const nameOf = ({ orderId, version, to }: ChangePage["content"][number]) => `${orderId} ${version} ${to}`;

  /** Everything from a cursor on, page by page. */
  async function walk(event: TestEvent, size: number, after?: string) {
    const names: string[] = [];
    for (let cursor = after; ; ) {
      const { content, nextCursor } = await read(event, cursor, size);
      names.push(...content.map(nameOf));
      cursor = nextCursor;
      if (content.length === 0) return { names, cursor };
    }
  }

  const requestOf = ({ accountId }: TestEvent, orderId: string, wish: Wish) => {
    return { accountId, orderId, actor: "test", wish, key: null, matches: () => true };
  };

  async function changeIn(tx: Db, event: TestEvent, orderId: string, wish: Wish): Promise<void> {
    const { transitions } = planGroup(await lockOrders(tx, [orderId]), [requestOf(event, orderId, wish)]);
    await writeTransitions(tx, transitions);
  }

  async function arrange(count: number) {
    const event = await createTestEvent(db, { STANDARD: 100 });
    const ids = (await placeOrders(db, event, times(count, hold))).map(({ id }) => id);
    await decideAll(db, event.id);
    return { event, ids: (index: number) => ids[index] ?? "" };
  }

  it("end before a transition that is not committed, and go on with it", async () => {
    const { event, ids } = await arrange(3);
    const first = await walk(event, 2);
    assert.deepEqual(first.names, [`${ids(0)} 2 HELD`, `${ids(1)} 2 HELD`, `${ids(2)} 2 HELD`]);
    const { tx, commit } = await openTransaction(db);
    await changeIn(tx, event, ids(0), cancel);
    await db.transaction().execute((own) => changeIn(own, event, ids(1), confirm));
    const nothing = await walk(event, 2, first.cursor);
    assert.deepEqual(nothing.names, []);
    await commit();
    assert.deepEqual((await walk(event, 2, nothing.cursor)).names, [`${ids(0)} 3 CANCELLED`, `${ids(1)} 3 CONFIRMED`]);
  });

  it("go on when such a transition is rolled back", async () => {
    const { event, ids } = await arrange(2);
    const { tx, rollback } = await openTransaction(db);
    await changeIn(tx, event, ids(0), cancel);
    await db.transaction().execute((own) => changeIn(own, event, ids(1), confirm));
    await rollback();
    const { names } = await walk(event, 10);
    assert.deepEqual(names.slice(2), [`${ids(1)} 3 CONFIRMED`]);
  });

  it("end before an order without a decision, and before one that is not committed", async () => {
    const { event, ids } = await arrange(1);
    let { names, cursor } = await walk(event, 10);
    const { tx, commit } = await openTransaction(db);
    const invisible = newOrder(event);
    await insertOrders(tx, [invisible]);
    const [pending] = await placeOrders(db, event, [{ quantity: 2 }]);
    await db.transaction().execute((own) => changeIn(own, event, ids(0), confirm));
    ({ names, cursor } = await walk(event, 10, cursor));
    assert.deepEqual(names, []);
    await commit();
    ({ names, cursor } = await walk(event, 10, cursor));
    assert.deepEqual(names, []);
    await decideAll(db, event.id);
    const expected = [`${invisible.id} 2 CONFIRMED`, `${pending?.id} 2 CONFIRMED`, `${ids(0)} 3 CONFIRMED`];
    assert.deepEqual((await walk(event, 10, cursor)).names, expected);
  });

  it("have what was given back, by whom and why", async () => {
    const { event, ids } = await arrange(1);
    const items = [{ ticketType: "STANDARD", quantity: 1 }];
    const two = (await placeOrders(db, event, [{ quantity: 2 }]))[0]?.id ?? "";
    await decideAll(db, event.id);
    await db.transaction().execute((tx) => changeIn(tx, event, two, { kind: "cancel", items, reason: "rain" }));
    const { content } = await read(event, undefined, 10);
    const { at, ...last } = content.at(-1) ?? assert.fail();
    assert(Date.parse(at) > 0);
    const status = { from: "CONFIRMED", to: "CONFIRMED", version: 3 };
    assert.deepEqual(last, { orderId: two, ...status, actor: "test", reason: "rain", items });
    assert.equal(content[0]?.orderId, ids(0));
  });

  it("of another event or account cannot be read, and only with a cursor of this event", async () => {
    const { event } = await arrange(1);
    const other = await createTestEvent(db, { STANDARD: 1 });
    const foreign = await createTestEvent(db, { STANDARD: 1 }, await createAccount(db));
    const { nextCursor } = await read(other, undefined, 10);
    const codeOf = async (path: string) => {
      const { status, body } = await api.get<Problem>(`/api/v1/events/${path}`);
      return `${status} ${body.code} ${body.errors?.[0]?.pointer ?? ""}`.trim();
    };
    assert.equal(await codeOf(`${foreign.code}/changes`), "404 event-not-found");
    for (const query of [`after=${nextCursor}`, "after=abc"]) {
      assert.equal(await codeOf(`${event.code}/changes?${query}`), "400 validation-failed /query/after");
    }
    for (const query of ["size=0", "size=101", "page=1"]) {
      assert.match(await codeOf(`${event.code}/changes?${query}`), /^400 validation-failed /);
    }
  });

  it("read page by page during a sale are every transition once, in an order that does not change", async () => {
    const { random, seed } = createRandom();
    const event = await createTestEvent(db, { STANDARD: 120 });
    const gateways = [1, 2].map(() => createTransitions(connect(url), createMetrics(), () => undefined));
    const bought: string[] = [];
    let isOver = false;
    let changedCount = 0;
    const pick = (count: number) => Math.floor(random() * count);

    async function buyer(): Promise<void> {
      // When all tickets are sold, nothing changes any more.
      while (changedCount < 100 && bought.length < 300) {
        const parts = times(1 + pick(3), 0).map(() => ({ quantity: 1 + pick(2), ...(random() < 0.6 ? hold : {}) }));
        const ids = (await placeOrders(db, event, parts)).map(({ id }) => id);
        bought.push(...ids);
        await untilTrue("they are decided", async () => {
          return (await getOrders(db, ids)).every(({ status }) => status !== "PENDING");
        });
      }
    }
    async function changer(): Promise<void> {
      while (!isOver) {
        const id = bought[pick(bought.length)];
        const roll = random();
        const wish: Wish = roll < 0.4 ? confirm : roll < 0.8 ? cancel : { kind: "extend", holdSeconds: 60 };
        if (id === undefined) await sql`SELECT`.execute(db);
        else if (random() < 0.1) {
          await sql`UPDATE holds SET expires_at = now() WHERE order_id = ${id}::uuid`.execute(db);
          await sql`UPDATE orders SET expires_at = now() WHERE id = ${id}::uuid AND status = 'HELD'`.execute(db);
        } else if ((await gateways[pick(2)]?.submit(requestOf(event, id, wish)))?.outcome.kind === "changed") {
          changedCount++;
        }
      }
    }
    async function lane(): Promise<void> {
      while (!isOver) {
        await applyReturns(db, [bucketOf(event.id)]);
        await decideOnce(db, event.id, 1 + pick(9)).catch((error: unknown) => {
          if (classify(error) !== "stock-changed") throw error;
        });
      }
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    async function reader(): Promise<void> {
      while (!isOver) {
        const { content, nextCursor } = await read(event, cursor, 1 + pick(7));
        seen.push(...content.map(nameOf));
        cursor = nextCursor;
      }
    }
    const others = [changer(), changer(), changer(), lane(), reader()];
    await Promise.all(times(3, 0).map(buyer)).finally(() => {
      isOver = true;
    });
    await Promise.all(others);
    await decideAll(db, event.id);

    seen.push(...(await walk(event, 7, cursor)).names);
    const { rows } = await sql<{ name: string }>`
      SELECT order_id || ' ' || version || ' ' || to_status AS name FROM order_history WHERE event_id = ${event.id}
      UNION ALL
      SELECT id || ' 2 ' || CASE WHEN status = 'REJECTED' THEN 'REJECTED' WHEN terms IS NULL THEN 'CONFIRMED'
                                 ELSE 'HELD' END
      FROM orders WHERE event_id = ${event.id}`.execute(db);
    assert.deepEqual(seen.toSorted(), rows.map(({ name }) => name).sort(), `seed ${seed}`);
    assert(rows.length >= bought.length + changedCount, `seed ${seed}`);
    assert.deepEqual((await walk(event, 100)).names, seen, `seed ${seed}`);
    await assertSound(db, event);
  });
});
