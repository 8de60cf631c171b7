// The life of an order on real processes that die: every transition counts once, and nothing is sold twice or lost.
import { strict as assert } from "node:assert";
import { randomInt } from "node:crypto";
import { before, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Inventory } from "@onsale/contracts/inventory";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import { sql } from "kysely";
import { connect } from "../../support/database/database.ts";
import { type Answer, type Api, createApi } from "../../support/http/api.ts";
import { createRandom } from "../../support/random.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { type Service, startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const pauseMs = 20;

describePipeline("the life of orders", (backend) => {
  let installation: Installation;

  before(async () => {
    installation = await startInstallation(backend, { gateways: 2, workers: 2 });
  });

  type Change = Answer<Order & Omit<Problem, "status">>;
  const change = (api: Api, id: string, what: string, body?: unknown, headers = {}): Promise<Change> =>
    api.request("POST", `/api/v1/orders/${id}/${what}`, { body, headers });

  async function hold(api: Api, eventCode: string, quantity = 1): Promise<Order> {
    const body = { eventCode, ticketType: "STANDARD", quantity, hold: true };
    const headers = { "idempotency-key": `hold-${randomInt(2 ** 47)}`, prefer: "wait=10" };
    const answer = await api.post<Order>("/api/v1/orders/purchase", body, headers);
    assert.equal(answer.body.status, "HELD");
    return answer.body;
  }

  const stockOf = async (api: Api, eventCode: string): Promise<Inventory> => {
    const stocks = await api.inventory(eventCode);
    for (const stock of stocks) assert.equal(stock.sold + stock.held + stock.available, stock.total);
    const [first] = stocks;
    assert(first !== undefined);
    return first;
  };

  it("1,000 cancellations of an order at once give its tickets back once", async () => {
    const { apis, api } = installation;
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const { id } = await hold(api, eventCode, 4);
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => change(apis[index % apis.length] ?? api, id, "cancel")),
    );
    assert.deepEqual(
      [...new Set(answers.map(({ status, body }) => `${status} ${body.status} ${body.version}`))],
      ["200 CANCELLED 3"],
    );
    await untilTrue("its tickets are on sale again", async () => (await stockOf(api, eventCode)).available === 10);
    await api.assertSound(eventCode);
  });

  it("a hold expires at its time, without any traffic", async () => {
    const { api, databaseUrl } = installation;
    const eventCode = await api.createEvent({ STANDARD: 1 });
    const { id } = await hold(api, eventCode);
    const db = connect(databaseUrl);
    await sql`UPDATE orders SET expires_at = now() + interval '300 ms' WHERE id = ${id}::uuid`.execute(db);
    await sql`UPDATE holds SET expires_at = now() + interval '300 ms' WHERE order_id = ${id}::uuid`.execute(db);
    await untilTrue("it has expired", async () => (await api.order(id)).status === "EXPIRED");
    assert.equal((await stockOf(api, eventCode)).available, 1);
    await api.assertSound(eventCode);
  });

  it("everything that was answered stays, while gateways and workers are killed in the middle", async () => {
    const { api: steady, apis, environment, databaseUrl } = installation;
    const db = connect(databaseUrl);
    const { random, seed } = createRandom();
    const eventCode = await steady.createEvent({ STANDARD: 120, VIP: 40 });
    let mortalGateway = await startGateway(environment);
    let mortalWorker = await startWorker(environment);
    let isOver = false;
    const confirmed = new Map<string, string>();
    const cancelled = new Set<string>();
    const apiOf = () => (random() < 0.4 ? createApi(mortalGateway.url) : (apis[random() < 0.5 ? 0 : 1] ?? steady));
    /** A client that sends a request again until it is answered. */
    const persist = async (send: (api: Api) => Promise<Change>): Promise<Change> => {
      for (;;) {
        try {
          const answer = await send(apiOf());
          if (answer.status < 500) return answer;
        } catch (error) {
          if (!(error instanceof TypeError)) throw error;
        }
        await delay(pauseMs);
      }
    };

    /** Cancels one ticket of an order that has several, with a key: however often it is sent, one comes back. */
    async function giveOneBack({ id, items }: Order): Promise<void> {
      const [line] = items;
      if (line === undefined || line.quantity < 2) return;
      const body = { items: [{ ticketType: line.ticketType, quantity: 1 }] };
      const headers = { "idempotency-key": `part-${id}` };
      const answer = await persist((api) => change(api, id, "cancel", body, headers));
      const kept = [{ ...line, quantity: line.quantity - 1 }, ...items.slice(1)];
      if (answer.status === 200) assert.deepEqual(answer.body.items, kept, `seed ${seed}`);
    }

    async function client(): Promise<void> {
      while (!isOver) {
        const items = [{ ticketType: "STANDARD", quantity: 1 + Math.floor(random() * 3) }];
        if (random() < 0.4) items.push({ ticketType: "VIP", quantity: 1 });
        const body = { eventCode, items, hold: true, allowPartial: random() < 0.5 };
        const headers = { "idempotency-key": `life-${randomInt(2 ** 47)}`, prefer: "wait=5" };
        const { body: order } = await persist((api) => api.post("/api/v1/orders/purchase", body, headers));
        if (order.status !== "HELD") continue;
        const roll = random();
        if (roll < 0.25) {
          await sql`UPDATE orders SET expires_at = now() WHERE id = ${order.id}::uuid AND status = 'HELD'`.execute(db);
          await sql`UPDATE holds SET expires_at = now() WHERE order_id = ${order.id}::uuid`.execute(db);
        }
        if (roll < 0.6) {
          const paymentReference = `pay-${order.id}`;
          const answer = await persist((api) => change(api, order.id, "confirm", { paymentReference }));
          if (answer.status === 200) confirmed.set(order.id, paymentReference);
          if (answer.status !== 200 || random() < 0.1) continue;
        }
        await giveOneBack(order);
        const answer = await persist((api) => change(api, order.id, "cancel"));
        if (answer.status === 200) {
          cancelled.add(order.id);
          confirmed.delete(order.id);
        }
      }
    }

    async function killer(): Promise<void> {
      const restart = async (service: Service, start: typeof startGateway) => {
        await service.kill();
        return start(environment);
      };
      for (let round = 0; round < 3 && !isOver; round++) {
        const before = cancelled.size;
        await untilTrue("orders live on", () => cancelled.size > before + 20, 30_000);
        mortalWorker = await restart(mortalWorker, startWorker);
        mortalGateway = await restart(mortalGateway, startGateway);
      }
    }

    async function reader(): Promise<void> {
      for (; !isOver; await delay(pauseMs)) await stockOf(steady, eventCode);
    }

    const all = [...Array.from({ length: 12 }, client), reader(), killer()];
    // The first that ends is the killer, or one that failed; then all end.
    await Promise.race(all).finally(() => {
      isOver = true;
    });
    await Promise.all(all);
    await untilAllDecided(steady, eventCode);
    await untilTrue("no return is left", async () => {
      const { rows } = await sql<{ count: number }>`SELECT count(*) FROM returns`.execute(db);
      return rows[0]?.count === 0;
    });
    for (const [id, reference] of confirmed) {
      const { status, paymentReference } = await steady.order(id);
      assert.deepEqual([status, paymentReference], ["CONFIRMED", reference], `seed ${seed}`);
    }
    for (const id of cancelled) assert.equal((await steady.order(id)).status, "CANCELLED", `seed ${seed}`);
    await steady.assertSound(eventCode);
  });
});
