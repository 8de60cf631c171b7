// An event with many orders that is cancelled in an installation, while workers are killed and buyers go on.
import { strict as assert } from "node:assert";
import type { EventCancellation } from "@onsale/contracts/event-cancellation";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { placePendingOrders } from "../database/backlog.ts";
import { assertCancelledOnce, cancelReason } from "../database/cancellation.ts";
import { connect } from "../database/database.ts";
import type { TestEvent } from "../database/factories.ts";
import type { Answer, Api } from "../http/api.ts";
import { until, untilTrue } from "../until.ts";
import { createEndpoint } from "../webhooks/webhook-factories.ts";
import { type Installation, untilAllDecided } from "./installation.ts";
import { startWorker } from "./services.ts";

export const readProgress = async (api: Api, code: string) =>
  (await api.get<EventCancellation>(`/api/v1/events/${code}/cancellation`)).body;

export const requestCancellation = (api: Api, code: string): Promise<Answer<EventCancellation>> =>
  api.post(`/api/v1/events/${code}/cancel`, { reason: cancelReason });

/** Creates an event with this many decided orders, a third of which are held, and an endpoint for its webhooks. */
export async function arrangeSoldEvent({ api, databaseUrl }: Installation, orderCount: number): Promise<TestEvent> {
  const db = connect(databaseUrl, 2);
  const code = await api.createEvent({ STANDARD: 2 * orderCount });
  const { rows } = await sql<TestEvent>`
    SELECT id, account_id AS "accountId", code FROM events WHERE code = ${code}`.execute(db);
  const [event] = rows;
  assert(event);
  await createEndpoint(db, { accountId: event.accountId, eventId: event.id, types: ["order.cancelled"] });
  await db.transaction().execute(async (tx) => {
    await placePendingOrders(tx, code, orderCount);
    await sql`
      UPDATE orders SET terms = '{"holdSeconds": 3600}' WHERE event_id = ${event.id} AND seq % 3 = 0`.execute(tx);
  });
  await untilAllDecided(api, code, 120_000);
  return event;
}

export type Crowd = Readonly<{
  /** How often each kind of request was answered with each status. */
  answers: ReadonlyMap<string, number>;
  /** Ends it, once each request is answered. */
  stop: () => Promise<void>;
}>;

/** People who purchase, confirm and cancel orders of the event while it is cancelled. */
export function startCrowd(apis: readonly Api[], db: Db, event: TestEvent, random: () => number): Crowd {
  const answers = new Map<string, number>();
  let isStopping = false;
  const note = (what: string) => answers.set(what, (answers.get(what) ?? 0) + 1);

  async function purchase(api: Api): Promise<void> {
    const { status, body } = await api.purchase({ eventCode: event.code });
    assert([202, 200, 409].includes(status) && (status !== 409 || body.code === "event-cancelled"), `${status}`);
    note(`purchase ${status}`);
  }

  async function change(api: Api): Promise<void> {
    const { rows } = await sql<{ id: string }>`
      SELECT id FROM orders WHERE event_id = ${event.id} ORDER BY seq DESC OFFSET ${Math.floor(random() * 300)} LIMIT 1
      `.execute(db);
    const action = random() < 0.5 ? "confirm" : "cancel";
    const { status } = await api.post<unknown>(`/api/v1/orders/${rows[0]?.id}/${action}`, {});
    assert([200, 202, 409].includes(status), `${action} was answered ${status}`);
    note(`${action} ${status}`);
  }

  async function run(api: Api): Promise<void> {
    while (!isStopping) await (random() < 0.5 ? purchase(api) : change(api));
  }

  const running = Promise.all([...apis, ...apis].map(run));
  // Reported by `stop`.
  running.catch(() => undefined);
  return {
    answers,
    stop: async () => {
      isStopping = true;
      await running;
    },
  };
}

/**
 * Kills the worker with SIGKILL again and again while it cancels orders, and starts another one each time.
 *
 * @returns how often the cancellation was in the middle then
 */
export async function killWorkers(installation: Installation, { code }: TestEvent, killCount: number): Promise<number> {
  const { api, environment, workers } = installation;
  let [worker] = workers;
  let midwayCount = 0;
  for (let kill = 0; kill < killCount; kill++) {
    const before = (await readProgress(api, code)).orders.cancelled;
    await untilTrue("it goes on", async () => {
      const { status, orders } = await readProgress(api, code);
      return status === "done" || orders.cancelled > before;
    });
    await worker?.kill();
    const { status, orders } = await readProgress(api, code);
    if (status === "running" && orders.cancelled > 0) midwayCount++;
    worker = await startWorker(environment);
  }
  return midwayCount;
}

/**
 * Waits until the cancellation is done, and fails unless each order was cancelled once and the audit is sound.
 *
 * @returns the number of orders that were cancelled because of the event
 */
export async function assertCancelled(api: Api, db: Db, event: TestEvent, timeoutMs = 30_000): Promise<number> {
  const done = await until(
    "the event's orders are cancelled",
    async () => {
      const progress = await readProgress(api, event.code);
      return progress.status === "done" ? progress : null;
    },
    timeoutMs,
  );
  const count = await assertCancelledOnce(db, event);
  assert.deepEqual([done.orders.cancelled, done.orders.remaining], [count, 0]);
  assert((done.orders.total ?? 0) >= count, "buyers cancelled the others");
  await api.assertSound(event.code);
  return count;
}
