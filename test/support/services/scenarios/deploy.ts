// A deploy in mid-sale: processes of the old version are replaced one after the other, under load.
import { strict as assert } from "node:assert";
import type { Inventory } from "@onsale/contracts/inventory";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import pg from "pg";
import { connect, createTestDatabase } from "../../database/database.ts";
import { type Api, createApi, newKey, type PurchaseOptions } from "../../http/api.ts";
import { until, untilTrue } from "../../until.ts";
import { type Receiver, startReceiver } from "../../webhooks/receiver.ts";
import { createWebhook, webhookSettings } from "../../webhooks/webhooks.ts";
import { type Environment, type Service, startGateway, startNotifier, startWorker } from "../services.ts";
import { type Buyers, startBuyers } from "./buyers.ts";
import { type OldVersion, unpackOldVersion } from "./old-version.ts";

/** A sale of the old version, with a full event beside it. */
type Sale = Readonly<{
  environment: Environment;
  db: Db;
  old: OldVersion;
  worker: Service;
  notifier: Service;
  /** The gateways that a proxy in front would use; a deploy changes it. */
  gateways: Service[];
  eventCode: string;
  fullEventCode: string;
  receiver: Receiver;
  buyers: Buyers;
}>;

/**
 * Starts the old version, and buyers.
 *
 * @param orderCount orders that there are already, all of them decided
 */
export async function startOldSale(orderCount: number): Promise<Sale> {
  const old = unpackOldVersion();
  const databaseUrl = await createTestDatabase("empty");
  const environment = { ...webhookSettings(), DATABASE_URL: databaseUrl };
  const [worker, notifier, ...gateways] = await Promise.all([
    old.startWorker(environment),
    old.startNotifier(environment),
    old.startGateway(environment),
    old.startGateway(environment),
  ]);
  const api = createApi(gateways[0].url);
  const db = connect(databaseUrl, 2);
  const fullEventCode = await api.createEvent({ STANDARD: orderCount });
  await fillEvent(databaseUrl, fullEventCode, orderCount);
  const eventCode = await api.createEvent({ STANDARD: 1_000_000, VIP: 10 });
  const receiver = await startReceiver();
  await createWebhook(api, receiver.url, eventCode);
  const buyers = startBuyers({ purchase: (options) => purchaseAnywhere(gateways, options) }, eventCode);
  await untilTrue("tickets are sold", () => buyers.accepted.size > 50);
  const parts = { environment, db, old, worker, notifier, gateways, eventCode, fullEventCode };
  return { ...parts, receiver, buyers };
}

/** Sells all tickets of an event, which no buyer has asked for yet, as the old version would have. */
async function fillEvent(databaseUrl: string, eventCode: string, orderCount: number): Promise<void> {
  // A connection of our own pools would give up after some seconds.
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(insertConfirmed, [eventCode, orderCount]);
    await client.query(drawStock, [eventCode]);
    await client.query("ANALYZE orders");
  } finally {
    await client.end();
  }
}

const insertConfirmed = `
  INSERT INTO orders (id, account_id, event_id, ticket_type, quantity, strategy, idempotency_key, fingerprint, status,
                      version, decided_at)
  SELECT gen_random_uuid(), e.account_id, e.id, 'STANDARD', 1, 'optimistic', e.code || '-' || n, '\\x00', 'CONFIRMED',
         2, now()
  FROM events e, generate_series(1, $2::int) n WHERE e.code = $1 ORDER BY n`;
const drawStock = `
  WITH filled AS (
    SELECT event_id, count(*) AS quantity, max(seq) AS seq FROM orders
    WHERE event_id = (SELECT id FROM events WHERE code = $1) GROUP BY event_id
  ), stock AS (
    UPDATE inventory i SET allocated = quantity, decided_seq = seq, version = i.version + 1
    FROM filled WHERE i.event_id = filled.event_id
  )
  UPDATE buckets b SET decided_seq = greatest(b.decided_seq, seq) FROM filled WHERE b.bucket = event_id & 63`;

let turn = 0;

/**
 * Purchases as a client behind a proxy does: at the gateways in turn, and at the next one when one cannot be reached.
 */
async function purchaseAnywhere(gateways: readonly Service[], options: PurchaseOptions) {
  const { key = newKey(), ...rest } = options;
  for (const deadline = Date.now() + 30_000; ; ) {
    const gateway = gateways[turn++ % gateways.length];
    assert(gateway !== undefined);
    try {
      return await apiOf(gateway).purchase({ key, ...rest });
    } catch (error) {
      // Node's fetch throws a TypeError when a connection fails.
      if (!(error instanceof TypeError) || Date.now() > deadline) throw error;
    }
  }
}

const apis = new WeakMap<Service, Api>();

/** A client of a gateway, which compares answers with the gateway's own document. */
function apiOf(gateway: Service): Api {
  const known = apis.get(gateway) ?? createApi(gateway.url);
  apis.set(gateway, known);
  return known;
}

/** Fails unless every gateway sells, decides, replays, reads and changes totals as always. */
async function assertServing(sale: Sale, stage: string): Promise<void> {
  const { gateways, eventCode, buyers } = sale;
  const soldBefore = buyers.accepted.size;
  for (const gateway of gateways) {
    const api = apiOf(gateway);
    const key = newKey();
    const bought = await retried(() => api.purchase({ eventCode, key, waitSeconds: 10 }));
    assert.equal(`${bought.status} ${bought.body.status}`, "200 CONFIRMED", stage);
    for (const other of gateways) {
      const replayed = await retried(() => apiOf(other).purchase({ eventCode, key }));
      assert.deepEqual([replayed.status, replayed.body.id], [200, bought.body.id], stage);
    }
    const [stock] = await api.inventory(eventCode);
    assert(stock !== undefined);
    assert.equal(stock.sold + stock.held + stock.available, stock.total, stage);
    const raised = await retried(() =>
      api.put<Inventory & Omit<Problem, "status">>(`/api/v1/inventory/${eventCode}/STANDARD`, {
        total: stock.total + 1,
      }),
    );
    assert.deepEqual([raised.status, raised.body.total], [200, stock.total + 1], stage);
    const list = await retried(() => api.get<{ content: Order[] }>(`/api/v1/orders?event=${eventCode}&size=5`));
    assert.equal(list.status, 200, stage);
  }
  await untilTrue(`buyers buy (${stage})`, () => buyers.accepted.size > soldBefore + 20);
}

/** Sends a request again while it is answered with 503, as clients do. */
async function retried<T extends Readonly<{ status: number }>>(send: () => Promise<T>): Promise<T> {
  let answer = await send();
  await untilTrue("the gateway can answer", async () => {
    if (answer.status === 503) answer = await send();
    return answer.status !== 503;
  });
  return answer;
}

type OrderAnswer = Readonly<{ status: number; body: Order & Omit<Problem, "status"> }>;

/** Sends a request that needs the new version to the first gateway. */
function send({ gateways }: Sale, path: string, body: object): Promise<OrderAnswer> {
  const [gateway] = gateways;
  assert(gateway !== undefined);
  return apiOf(gateway).post(`/api/v1/orders/${path}`, body, { "idempotency-key": newKey(), prefer: "wait=10" });
}

const one = { ticketType: "STANDARD", quantity: 1 };
const hold = (sale: Sale) => send(sale, "purchase", { eventCode: sale.eventCode, ...one, hold: true });
const buyBasket = (sale: Sale) =>
  send(sale, "purchase", { eventCode: sale.eventCode, items: [one, { ticketType: "VIP", quantity: 1 }] });

/** Fails unless what needs the new version is refused for now. */
async function assertUpgradeInProgress(sale: Sale): Promise<void> {
  const [id] = sale.buyers.accepted.values();
  const answers = [hold(sale), buyBasket(sale), send(sale, `${id}/confirm`, {}), send(sale, `${id}/cancel`, {})];
  for (const { status, body } of await Promise.all(answers)) {
    assert.deepEqual([status, body.code, body.retryable], [503, "upgrade-in-progress", true]);
  }
}

/** Fails unless orders have their whole life, as soon as the last older process is gone. */
async function assertUpgraded(sale: Sale): Promise<void> {
  const held = await until("holds are possible", async () => {
    const { status, body } = await hold(sale);
    return status === 503 ? undefined : body;
  });
  assert.equal(held.status, "HELD");
  assert.equal((await send(sale, `${held.id}/confirm`, {})).body.status, "CONFIRMED");
  assert.equal((await buyBasket(sale)).body.status, "CONFIRMED");
  // The second one was sold by the old version.
  const [id] = sale.buyers.accepted.values();
  for (const cancelled of [held.id, id]) {
    assert.equal((await send(sale, `${cancelled}/cancel`, {})).body.status, "CANCELLED");
  }
}

const replayCountMax = 100;

/** Ends the sale, and fails unless every accepted order exists once, is decided and was told of. */
async function assertSaleKept(sale: Sale): Promise<void> {
  const { gateways, eventCode, fullEventCode, buyers, receiver } = sale;
  await buyers.stop();
  const [gateway] = gateways;
  assert(gateway !== undefined);
  const api = apiOf(gateway);
  const others = [...buyers.statuses].filter(([status]) => ![200, 202, 503].includes(status));
  assert.deepEqual(others, []);
  await untilTrue("all orders are decided", async () => (await api.audit(eventCode)).orders.pending === 0, 30_000);
  const { rows } = await sql<{ key: string; id: string }>`
    SELECT idempotency_key AS key, id FROM orders WHERE idempotency_key = ANY(${[...buyers.accepted.keys()]})`.execute(
    sale.db,
  );
  assert.deepEqual(new Map(rows.map(({ key, id }) => [key, id])), buyers.accepted);
  const everyNth = Math.ceil(buyers.accepted.size / replayCountMax);
  for (const [index, [key, id]] of [...buyers.accepted].entries()) {
    if (index % everyNth !== 0) continue;
    const { status, body } = await api.purchase({ eventCode, key });
    assert.deepEqual([status, body.id], [200, id], "a replayed key is the same order");
  }
  await api.assertSound(eventCode);
  await api.assertSound(fullEventCode);
  const accepted = new Set(buyers.accepted.values());
  assert.equal(accepted.size, buyers.accepted.size, "each key has its own order");
  const untold = () => {
    const told = new Set(receiver.received.map(({ order }) => order?.id));
    return [...accepted].filter((id) => !told.has(id));
  };
  await untilTrue("webhooks tell of all orders", () => untold().length === 0, 30_000);
}

/**
 * Replaces the processes of a sale in the order of docs/operations.md, and fails unless all promises are kept
 * meanwhile.
 *
 * @param end how the old worker and one of the old gateways end
 */
export async function deploy(sale: Sale, end: "stop" | "kill"): Promise<void> {
  const { environment, gateways, worker, notifier } = sale;
  await assertServing(sale, "old version");

  const firstWorker = await startWorker(environment);
  await assertServing(sale, "old gateways with workers of both versions");
  await firstWorker.stop();
  await assertServing(sale, "old version on the new schema");

  const oldGateways = [...gateways];
  const [, ...newGateways] = await Promise.all([
    startWorker(environment),
    startGateway(environment),
    startGateway(environment),
  ]);
  gateways.unshift(...newGateways);
  await assertUpgradeInProgress(sale);
  await assertServing(sale, "gateways and workers of both versions");

  gateways.splice(2);
  const [first, ...others] = [worker, ...oldGateways];
  await first[end]();
  await Promise.all(others.map((gateway, index) => (index === 0 ? gateway[end]() : gateway.stop())));
  await assertServing(sale, "an old notifier");
  await assertUpgradeInProgress(sale);
  await startNotifier(environment);
  await notifier.stop();

  await assertUpgraded(sale);
  await assertSaleKept(sale);
}
