// Races for what rules bound, over two gateways and two workers: one customer who orders, gives back and lets holds
// expire at the same time, and rules that change under load.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { CreatedAccessCode } from "@onsale/contracts/access-code";
import type { Event } from "@onsale/contracts/event";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { connect } from "../../support/database/database.ts";
import { expireHold } from "../../support/database/holds.ts";
import { type Api, newKey } from "../../support/http/api.ts";
import { createRandom } from "../../support/random.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { untilTrue } from "../../support/until.ts";

const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
/** The race ends when so many orders have got tickets; each of them gives all of them back. */
const grantedMin = 10;
/** Between two reads of what the customer has. */
const pauseMs = 5;
type Bought = Order & Omit<Problem, "status">;
type Use = Readonly<{ all: number; vip: number }>;

describe("races under rules", () => {
  let apis: readonly [Api, ...Api[]];
  let db: Db;
  before(async () => {
    const settings = { CUSTOMER_KEY: randomBytes(32).toString("base64") };
    const installation = await startInstallation(postgresQueues, { gateways: 2, workers: 2, settings });
    apis = installation.apis;
    db = connect(installation.databaseUrl);
  });

  const apiOf = (index: number) => apis[index % apis.length] ?? apis[0];
  async function create(body: object): Promise<string> {
    const code = newKey();
    const { status } = await apis[0].post<Event>("/api/v1/events", { code, name: "A show", ...times, ...body });
    assert.equal(status, 201);
    return code;
  }
  const buy = async (api: Api, body: object) =>
    (await api.post<Bought>("/api/v1/orders/purchase", body, { "idempotency-key": newKey(), prefer: "wait=30" })).body;

  async function untilSettled(code: string): Promise<void> {
    await untilAllDecided(apis[0], code);
    await untilTrue("all returns are applied", async () => {
      const { rows } =
        await sql`SELECT FROM returns r JOIN events e ON e.id = r.event_id WHERE e.code = ${code}`.execute(db);
      return rows.length === 0;
    });
    for (const api of apis) await api.assertSound(code);
  }

  /** What all orders of an event have, in one snapshot. */
  async function readUse(code: string): Promise<Use> {
    const { rows } = await sql<Use>`
      SELECT coalesce(sum((line ->> 'quantity')::int), 0)::int AS all,
             coalesce(sum((line ->> 'quantity')::int) FILTER (WHERE line ->> 'ticketType' = 'VIP'), 0)::int AS vip
      FROM orders o JOIN events e ON e.id = o.event_id
      CROSS JOIN LATERAL jsonb_array_elements(coalesce(o.items, o.terms -> 'lines', jsonb_build_array(
        jsonb_build_object('ticketType', o.ticket_type, 'quantity', o.quantity)))) AS line
      WHERE e.code = ${code} AND o.status IN ('HELD', 'CONFIRMED')`.execute(db);
    const [use] = rows;
    assert(use);
    return use;
  }

  it("give one customer no more than the limits at any moment of 100 clients' orders, cancellations and expiries", async (context) => {
    const { random, seed } = createRandom();
    context.diagnostic(`TEST_SEED=${seed}`);
    const code = await create({
      maxPerCustomer: 6,
      pools: [{ name: "HALL", total: 5 }],
      ticketTypes: [
        { ticketType: "VIP", total: 100, maxPerCustomer: 3, pools: ["HALL"] },
        { ticketType: "STANDARD", total: 100, pools: ["HALL"] },
        { ticketType: "OUTSIDE", total: 100 },
      ],
    });
    const types = ["VIP", "STANDARD", "OUTSIDE"];
    let orderCount = 0;
    let grantedCount = 0;
    const client = async (index: number) => {
      const items = types
        .filter(() => random() < 0.5)
        .map((ticketType) => ({ ticketType, quantity: 1 + Math.floor(random() * 2) }));
      const [first = { ticketType: "VIP", quantity: 1 }] = items;
      const wanted = items.length > 1 ? { items, allowPartial: random() < 0.5 } : first;
      const hold = random() < 0.5 ? { holdSeconds: 600 } : {};
      orderCount++;
      const [endsBy, other] = [random(), apiOf(index + 1)];
      const order = await buy(apiOf(index), { eventCode: code, customerRef: "customer-1", ...wanted, ...hold });
      if (order.status !== "HELD" && order.status !== "CONFIRMED") return;
      grantedCount++;
      const cancel = (api: Api, body: object) => api.post<Bought>(`/api/v1/orders/${order.id}/cancel`, body);
      const part = { items: [{ ticketType: order.items[0]?.ticketType, quantity: 1 }] };
      if (endsBy < 0.4) await cancel(other, part);
      if (endsBy % 0.2 < 0.03 && order.status === "HELD") await expireHold(db, order.id);
      else await cancel(apiOf(index), {});
    };
    let isOver = false;
    const watching = (async () => {
      for (let readCount = 1; ; readCount++) {
        const use = await readUse(code);
        assert(use.all <= 6 && use.vip <= 3, JSON.stringify(use));
        if (isOver) return readCount;
        await delay(pauseMs);
      }
    })();
    const ordering = Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        for (let round = 0; grantedCount < grantedMin; round++) await client(index + round);
      }),
    ).finally(() => {
      isOver = true;
    });
    const [readCount] = await Promise.all([watching, ordering]);
    await untilSettled(code);
    context.diagnostic(`${grantedCount} of ${orderCount} orders were granted; ${readCount} reads`);
    assert.deepEqual(await readUse(code), { all: 0, vip: 0 });
  });

  it("decide what is sent after a change by the new rules, and nothing that the audit cannot explain", async (context) => {
    const { random, seed } = createRandom();
    context.diagnostic(`TEST_SEED=${seed}`);
    const code = await create({
      maxPerCustomer: 4,
      pools: [{ name: "HALL", total: 100 }],
      ticketTypes: [
        { ticketType: "VIP", total: 300, pools: ["HALL"], visibility: "code" },
        { ticketType: "STANDARD", total: 300, pools: ["HALL"] },
      ],
    });
    const uses = { ticketTypes: ["VIP"], maxUses: 20, count: 8 };
    const made = await apis[0].post<CreatedAccessCode[]>(`/api/v1/events/${code}/access-codes`, uses);
    const live = made.body.map((created) => created.code);
    let isOver = false;
    const crowd = Array.from({ length: 20 }, async (_, index) => {
      for (let round = 0; !isOver; round++) {
        const accessCode = live[(index + round) % live.length];
        const wanted =
          accessCode !== undefined && random() < 0.5 ? { ticketType: "VIP", accessCode } : { ticketType: "STANDARD" };
        const customerRef = `customer-${(index + round) % 60}`;
        const order = await buy(apiOf(round), { eventCode: code, customerRef, quantity: 1, ...wanted });
        const ends = random() < 0.6 && order.status === "CONFIRMED";
        if (ends) await apiOf(round + 1).post<Bought>(`/api/v1/orders/${order.id}/cancel`, {});
      }
    });
    const change = (body: object, index: number) => apiOf(index).patch<Event & Problem>(`/api/v1/events/${code}`, body);

    async function changeAll(): Promise<void> {
      for (const [index, { id, code: accessCode }] of made.body.entries()) {
        const limit = 1 + (index % 3);
        assert.equal((await change({ maxPerCustomer: limit }, index)).status, 200);
        const fresh = { eventCode: code, customerRef: newKey(), ticketType: "STANDARD" };
        const over = await buy(apiOf(index + 1), { ...fresh, quantity: limit + 1 });
        assert.equal(over.reason?.code, "customer-limit", JSON.stringify(over));
        const total = 20 + Math.floor(random() * 100);
        const resized = await change({ pools: [{ name: "HALL", total }] }, index + 1);
        assert(resized.status === 200 || resized.body.code === "total-below-allocated");
        // Unknown codes are limited to 20 in a minute.
        live.splice(live.indexOf(accessCode), 1);
        await apiOf(index).delete<object>(`/api/v1/events/${code}/access-codes/${id}`);
        const late = await buy(apiOf(index + 1), { ...fresh, ticketType: "VIP", quantity: 1, accessCode });
        assert(["access-code-not-found", "rate-limited"].includes(late.code), JSON.stringify(late));
      }
    }
    await changeAll().finally(() => {
      isOver = true;
    });
    await Promise.all(crowd);
    await untilSettled(code);
  });
});
